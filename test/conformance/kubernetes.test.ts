import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-kubernetes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeEach(() => {
  cpSync(join(root, 'test/conformance/kubernetes'), folder, { recursive: true, force: true })
  cpSync(join(root, 'model.conf'), join(folder, 'model.conf'))
})

function gatehouse(...args: readonly string[]) {
  const command = [join(root, 'src/cli/gatehouse.ts'), ...args]
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' })
  return { status, stdout }
}

describe('the user-facing roles of Kubernetes, with namespaces as organisations', () => {
  test('are without a finding', () => {
    const { status, stdout } = gatehouse('check')
    expect(stdout).toContain('All is well')
    expect(status).toBe(0)
  })

  test('mean what Kubernetes says of view, edit and admin, and every rule is exercised', () => {
    const { status, stdout } = gatehouse('test', '--coverage-min', '100')
    expect(stdout).toMatch(/17 tests passed, 1764 decisions\. (\d+) of \1 rules exercised/)
    expect(status).toBe(0)
  })

  test.each([
    ['view', 'secrets', 'Who views sees no secrets'],
    ['view', 'rolebindings', 'Who views sees neither roles nor role bindings'],
    ['edit', 'roles', 'Who edits neither sees nor changes roles and role bindings'],
  ])('would mean something else if %s saw %s', (role, resource, name) => {
    const file = join(folder, `policies/${role}.csv`)
    const rule = `p, role:k8s-${role}, *, /k8s/${resource}, GET, allow\n`
    writeFileSync(file, readFileSync(file, 'utf8') + rule)
    const { status, stdout } = gatehouse('test')
    expect(status).toBe(1)
    expect(stdout).toContain(`✗ ${name}`)
  })

  test.each(['resourcequotas', 'namespaces'])(
    'would mean something else if admin changed %s',
    (resource) => {
      const file = join(folder, 'policies/admin.csv')
      const rule = `p, role:k8s-admin, *, /k8s/${resource}/:name, PATCH, allow\n`
      writeFileSync(file, readFileSync(file, 'utf8') + rule)
      const { status, stdout } = gatehouse('test')
      expect(status).toBe(1)
      expect(stdout).toContain(`user:ada PATCH /k8s/${resource}/a: expected deny, got allow`)
    },
  )
})
