import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { importedPackages } from '../support/tree/layers.ts'
import { readTree } from '../support/tree/source.ts'

interface Manifest {
  readonly private: boolean
  readonly license: string
  readonly engines: { readonly node: string }
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = new URL('../..', import.meta.url).pathname
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const manifest: Manifest = JSON.parse(read('package.json'))
const lockfile: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'))
const locked = Object.entries(lockfile.packages).filter(([path]) => path !== '')
const nameOf = (path: string) =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

describe('package.json', () => {
  test('is not for publishing, and names the licence that is there', () => {
    expect(manifest.private).toBe(true)
    expect(manifest.license).toBe('Apache-2.0')
    expect(read('LICENSE')).toContain('Apache License')
  })

  test.each(['start', 'dev', 'test', 'check', 'bench', 'soak', 'differential'])(
    'has the script %s',
    (name) => {
      expect(manifest.scripts).toHaveProperty(name)
    },
  )

  test.each(['vitest run', 'npm run check'])('tests everything: %s', (command) => {
    expect(manifest.scripts['test']).toContain(command)
  })

  test.each(['tsc', 'biome check', 'knip'])('checks everything: %s', (command) => {
    expect(manifest.scripts['check']).toContain(command)
  })

  test.each(['casbin', 'casbin-pg-adapter', 'samlify', 'stripe', '@electric-sql/pglite'])(
    'keeps %s',
    (name) => {
      expect(manifest.dependencies).toHaveProperty([name])
    },
  )

  test('pins the major of every dependency', () => {
    const ranges = { ...manifest.dependencies, ...manifest.devDependencies }
    const loose = Object.entries(ranges).filter(
      ([, range]) => !/^(?:npm:[@\w/]+@)?\^\d+\.\d+\.\d+/.test(range),
    )
    expect(loose).toEqual([])
  })

  test('has what the source imports among the dependencies of production', () => {
    const missing = importedPackages(readTree(root, ['src'])).filter(
      (name) => !(name in manifest.dependencies),
    )
    expect(missing).toEqual([])
  })
})

describe('the lockfile', () => {
  test('names no address to download from, and a hash of everything', () => {
    const bad = locked.filter(([, { resolved, integrity }]) => resolved !== undefined || !integrity)
    expect(bad.map(([path]) => path)).toEqual([])
  })

  test('holds the packages of every platform, so that it installs on each', () => {
    const known = new Set(locked.map(([path]) => nameOf(path)))
    const missing = locked.flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !known.has(name))
        .map((name) => `${name} of ${path}`),
    )
    expect(missing).toEqual([])
  })

  test('agrees with package.json', () => {
    const { dependencies, devDependencies } = manifest
    expect(lockfile.packages['']).toMatchObject({ dependencies, devDependencies })
  })
})

describe('install scripts', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true)

  test('are allowed for the packages that have one, and for no other', () => {
    const names = [...new Set(scripted.map(([path]) => nameOf(path)))]
    expect(Object.keys(manifest.allowScripts).sort()).toEqual(names.sort())
    expect(Object.values(manifest.allowScripts)).not.toContain(false)
  })

  test('are none in production, which is why the image installs without them', () => {
    expect(scripted.filter(([, { dev }]) => dev !== true)).toEqual([])
  })
})

describe('an older Node', () => {
  const guard = './.ci/node-version.cjs'
  const under = (version: string) => {
    const code = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('${guard}')`
    return spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' })
  }

  test.each(['20.20.2', '22.18.0', '8.0.0'])('such as %s is told in one sentence', (version) => {
    const { status, stderr, stdout } = under(version)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^Gatehouse needs Node 24 and this is Node [\d.]+: run "npm install".+\.\n$/,
    )
  })

  test.each(['24.0.0', '25.1.0', '100.0.0'])('is not %s', (version) => {
    expect(under(version)).toMatchObject({ status: 0, stderr: '', stdout: '' })
  })

  test('is met before TypeScript is, in every script', () => {
    for (const [name, command] of Object.entries(manifest.scripts)) {
      const before = manifest.scripts[`pre${name}`] ?? ''
      expect(`${before} ${command}`, name).toContain(guard.slice(2))
    }
  })

  test('installs on whatever engines allows', () => {
    expect(manifest.engines.node).toBe('>=20.19')
  })
})
