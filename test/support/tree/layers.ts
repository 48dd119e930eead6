/** Rules about who may import what: the table of the house, package homes, cycles. */
import { posix } from 'node:path'
import type { Import, SourceFile } from './source.ts'

/** A folder of `src` to the folders whose files it may import; `types:` means `import type` only. */
export type LayerTable = Readonly<Record<string, readonly string[]>>

/** A package to the files, or folders with a slash at the end, that alone may import it. */
export type PackageHomes = Readonly<Record<string, readonly string[]>>

/** The path from the root of the file that an import of ours names, or undefined for a package. */
function target(file: SourceFile, { from }: Import): string | undefined {
  return from.startsWith('.') ? posix.join(posix.dirname(file.path), from) : undefined
}

/** The package of a specifier: `@hono/node-server/x` is `@hono/node-server`. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function folderOf(path: string): string {
  const [top, folder, ...rest] = path.split('/')
  return top === 'src' && folder !== undefined && rest.length > 0 ? folder : ''
}

/** Imports that the table does not allow. Files directly in `src` may import anything, and nobody them. */
export function layerBreaks(files: readonly SourceFile[], table: LayerTable): string[] {
  return files.flatMap((file) => {
    const folder = folderOf(file.path)
    const allowed = table[folder]
    if (folder === '') return []
    if (allowed === undefined) return [`${file.path} is in a folder that the table does not name`]
    return file.imports.flatMap((entry) => {
      const path = target(file, entry)
      if (path === undefined) return []
      const other = folderOf(path)
      const fine =
        other === folder ||
        allowed.includes(other) ||
        (entry.typeOnly && allowed.includes(`types:${other}`))
      return fine ? [] : [`${file.path}:${entry.line} may not import ${path}`]
    })
  })
}

/** Packages and modules of Node that a folder never touches, matched by their beginning. */
export function forbiddenPackages(
  files: readonly SourceFile[],
  folder: string,
  forbidden: readonly string[],
): string[] {
  return files
    .filter(({ path }) => path.startsWith(folder))
    .flatMap((file) =>
      file.imports
        .filter(({ from }) =>
          forbidden.some((name) => from === name || from.startsWith(`${name}/`)),
        )
        .map(({ from, line }) => `${file.path}:${line} may not import ${from}`),
    )
}

/** Imports of a package outside its home, and homes that no longer import it. */
export function packageStrays(files: readonly SourceFile[], homes: PackageHomes): string[] {
  const isHome = (path: string, home: string) =>
    home.endsWith('/') ? path.startsWith(home) : path === home
  const uses = files.flatMap((file) =>
    file.imports.map(({ from, line }) => ({ path: file.path, line, name: packageOf(from) })),
  )
  const strays = uses
    .filter(({ path, name }) => !(homes[name ?? ''] ?? [path]).some((home) => isHome(path, home)))
    .map(({ path, line, name }) => `${path}:${line} is no home of ${name}`)
  const empty = Object.entries(homes).flatMap(([name, places]) =>
    places
      .filter((home) => !uses.some((use) => use.name === name && isHome(use.path, home)))
      .map((home) => `${home} is a home of ${name} and does not import it`),
  )
  return [...strays, ...empty]
}

/** Every package that the files import, in order. */
export function importedPackages(files: readonly SourceFile[]): string[] {
  const names = files.flatMap(({ imports }) => imports.map(({ from }) => packageOf(from) ?? ''))
  return [...new Set(names)].filter((name) => name !== '').sort()
}

/** Circles of files that import each other, types included: those knot just as well. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map((file) => [file.path, file.imports.map((entry) => target(file, entry) ?? '')]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path)
    if (seen !== -1) found.push([...trail.slice(seen), path].join(' -> '))
    if (seen !== -1 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
