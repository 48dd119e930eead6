import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { parseApplications } from '../../../src/policy/files/applications-file.ts'
import { describeProblem } from '../../../src/policy/problem.ts'

/** One application; `changes` replaces lines by their key, or adds them. Its keys begin at line 2. */
function appWith(changes: Readonly<Record<string, string>> = {}): string {
  const lines = {
    id: 'docs',
    upstreams: '[http://127.0.0.1:8090]',
    organisation: 'credential',
    ...changes,
  }
  const written = Object.entries(lines).filter(([, value]) => value !== '')
  const body = written.map(([key, value], at) => `${at === 0 ? '  - ' : '    '}${key}: ${value}`)
  return ['applications:', ...body, ''].join('\n')
}

const problems = (text: string) =>
  parseApplications(text, 'apps.yaml').problems.map(describeProblem)
const only = (text: string) => {
  const { applications, problems: found } = parseApplications(text, 'apps.yaml')
  expect(found).toEqual([])
  expect(applications).toHaveLength(1)
  return applications[0]
}

describe('an application', () => {
  test('needs an id, an upstream and an organisation; the rest has defaults', () => {
    expect(only(appWith())).toEqual({
      id: 'docs',
      host: undefined,
      prefix: '/',
      strip: false,
      upstreams: ['http://127.0.0.1:8090'],
      healthPath: undefined,
      timeouts: {
        connectMs: limits.upstreamConnectTimeoutMs,
        firstByteMs: limits.upstreamFirstByteTimeoutMs,
        idleMs: limits.upstreamIdleTimeoutMs,
      },
      organisation: { from: 'credential' },
      publicPaths: [],
      operations: [],
      resources: [],
    })
  })

  test('is read whole', () => {
    const text = appWith({
      match: '{ host: docs.example.com, prefix: /docs }',
      strip: 'true',
      upstreams: '[https://a.internal, "http://[::1]:8090"]',
      health: '/health',
      timeouts: '{ connect: 500ms, firstByte: 30s, idle: 2m }',
      organisation: '{ path: /t/:org/* }',
      public: '[/health, /assets/*]',
      operations: '[{ id: read, method: GET, path: /t/:org/documents/:id }]',
      resources: '[{ type: document, actions: [can_read, share] }]',
    })
    expect(only(text)).toEqual({
      id: 'docs',
      host: 'docs.example.com',
      prefix: '/docs',
      strip: true,
      upstreams: ['https://a.internal', 'http://[::1]:8090'],
      healthPath: '/health',
      timeouts: { connectMs: 500, firstByteMs: 30_000, idleMs: 120_000 },
      organisation: { from: 'path', pattern: '/t/:org/*' },
      publicPaths: ['/health', '/assets/*'],
      operations: [{ id: 'read', method: 'GET', path: '/t/:org/documents/:id' }],
      resources: [{ type: 'document', actions: ['can_read', 'share'] }],
    })
  })

  test('may find its organisation in the host', () => {
    expect(
      only(appWith({ organisation: '{ subdomain: docs.example.com }' }))?.organisation,
    ).toEqual({
      from: 'subdomain',
      parent: 'docs.example.com',
    })
  })

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(only(appWith()))).toBe(true)
  })

  test('none at all is a list that is empty', () => {
    expect(parseApplications('applications: []', 'apps.yaml')).toEqual({
      applications: [],
      problems: [],
    })
  })
})

const KEYS =
  '"id", "match", "strip", "upstreams", "health", "timeouts", "organisation", "public", "operations", "resources".'
const HOST = 'is no host: write a lower-case name such as docs.example.com, without a port.'
const ORIGIN = 'write an origin such as http://127.0.0.1:8090, without path, query and user.'
const DURATION = 'is no duration: write one such as 500ms, 30s or 2m, at most an hour.'
const SOURCE = 'Write credential, {path: /t/:org/*} or {subdomain: docs.example.com}.'
const NAME = 'write a-z, then a-z, 0-9, "_" and "-", at most 64.'
const TYPE = `is no type: ${NAME}`
const ACTION = `is no action: ${NAME}`
const METHODS = 'is no method: write one of GET, POST, PUT, PATCH, DELETE, OPTIONS.'

describe('a mistake is named with its line and column', () => {
  test.each([
    ['id', 'Docs', '2:9: "Docs" is no id: write a-z, 0-9 and "-" inside, at most 64.'],
    ['id', '"do cs"', '2:10: "do cs" is no id: write a-z, 0-9 and "-" inside, at most 64.'],
    ['id', 'gatehouse', '2:9: "gatehouse" is reserved for the management API; choose another id.'],
    ['id', '7', '2:9: Write text here.'],
    ['upstreams', '[]', '3:16: Write at least one upstream.'],
    ['upstreams', 'http://127.0.0.1', '3:16: Write a list here.'],
    ['upstreams', '[127.0.0.1:8090]', `3:17: "127.0.0.1:8090" is no upstream: ${ORIGIN}`],
    ['upstreams', '[ftp://a]', `3:17: "ftp://a" is no upstream: ${ORIGIN}`],
    ['upstreams', '[file:///etc/passwd]', `3:17: "file:///etc/passwd" is no upstream: ${ORIGIN}`],
    ['upstreams', '[http://a/]', `3:17: "http://a/" is no upstream: ${ORIGIN}`],
    ['upstreams', '[http://a/path]', `3:17: "http://a/path" is no upstream: ${ORIGIN}`],
    ['upstreams', '["http://a?x"]', `3:18: "http://a?x" is no upstream: ${ORIGIN}`],
    ['upstreams', '[http://u:p@a]', `3:17: "http://u:p@a" is no upstream: ${ORIGIN}`],
    ['upstreams', '[http://A]', `3:17: "http://A" is no upstream: ${ORIGIN}`],
    ['upstreams', '[http://]', `3:17: "http://" is no upstream: ${ORIGIN}`],
    ['organisation', 'header', `4:19: ${SOURCE}`],
    ['organisation', '{ header: X-Org }', `4:19: ${SOURCE}`],
    ['organisation', '{ path: /t/:org/*, subdomain: a.test }', `4:19: ${SOURCE}`],
    ['organisation', '{ path: /t/* }', '4:27: Write one segment as ":org", as in /t/:org/*.'],
    ['organisation', '{ path: /:org/:org }', '4:27: Write one segment as ":org", as in /t/:org/*.'],
    ['organisation', '{ path: /*/:org }', '4:27: The segment ":org" stands before every star.'],
    ['organisation', '{ subdomain: Docs.test }', `4:32: "Docs.test" ${HOST}`],
    ['match', '{ host: docs.example.com:80 }', `5:20: "docs.example.com:80" ${HOST}`],
    ['match', '{ host: "*.example.com" }', `5:21: "*.example.com" ${HOST}`],
    ['match', '{ host: a..b }', `5:20: "a..b" ${HOST}`],
    ['match', '{ prefix: docs }', '5:22: A path pattern begins with "/".'],
    ['match', '{ prefix: /docs/ }', '5:22: Write "/docs": a prefix ends at a segment.'],
    ['match', '{ prefix: /docs/* }', '5:22: "/docs/*" is one path: no ":name" and no star.'],
    ['match', '{ prefix: "/:a" }', '5:23: "/:a" is one path: no ":name" and no star.'],
    [
      'match',
      '{ prefix: /a/../b }',
      '5:25: The segment ".." is never sent: paths are decided in canonical form.',
    ],
    ['match', '{ prefix: //a }', '5:23: A path pattern has no empty segment: write one "/".'],
    [
      'match',
      '{ prefix: /.gatehouse/x }',
      '5:22: Paths under "/.gatehouse" are the gateway\'s own.',
    ],
    ['match', '{ hots: a.test }', '5:14: "hots" is not known here; did you mean "host"?'],
    ['strip', 'yes', '5:12: Write true or false here.'],
    ['strip', 'true', '5:12: There is no prefix to strip.'],
    ['health', '/health/:id', '5:13: "/health/:id" is one path: no ":name" and no star.'],
    ['timeouts', '{ connect: 5 }', '5:26: Write text here.'],
    ['timeouts', '{ connect: 5 s }', `5:26: "5 s" ${DURATION}`],
    ['timeouts', '{ connect: 0s }', `5:26: "0s" ${DURATION}`],
    ['timeouts', '{ idle: 2h }', `5:23: "2h" ${DURATION}`],
    ['timeouts', '{ idle: 61m }', `5:23: "61m" ${DURATION}`],
    [
      'timeouts',
      '{ total: 5s }',
      '5:17: "total" is not known here; possible are "connect", "firstByte", "idle".',
    ],
    ['public', '[health]', '5:14: A path pattern begins with "/".'],
    [
      'public',
      '[/a/:/b]',
      '5:17: ":" is no parameter: write ":" and a name of letters, digits and "_".',
    ],
    ['public', '[/a/b*]', '5:18: A star is a whole segment, as in "/docs/*".'],
    ['operations', '[{ id: a, method: get, path: /a }]', `5:35: "get" ${METHODS}`],
    [
      'operations',
      '[{ id: a, method: HEAD, path: /a }]',
      '5:35: HEAD is decided as GET: write GET.',
    ],
    ['operations', '[{ id: a, method: "*", path: /a }]', `5:36: "*" ${METHODS}`],
    ['operations', '[{ id: a, method: GET }]', '5:18: "path" is missing.'],
    [
      'operations',
      '[{ id: a, method: GET, path: /a }, { id: a, method: GET, path: /b }]',
      '5:58: "a" is declared twice.',
    ],
    ['resources', '[{ type: A, actions: [a] }]', `5:25: "A" ${TYPE}`],
    ['resources', '[{ type: a.b, actions: [a] }]', `5:25: "a.b" ${TYPE}`],
    [
      'resources',
      '[{ type: route, actions: [a] }]',
      '5:25: "route" is every path of an application; choose another type.',
    ],
    ['resources', '[{ type: a, actions: [] }]', '5:37: Write at least one action.'],
    ['resources', '[{ type: a }]', '5:17: "actions" is missing.'],
    ['resources', '[{ type: a, actions: [GET] }]', `5:38: "GET" ${ACTION}`],
    ['resources', '[{ type: a, actions: ["*"] }]', `5:39: "*" ${ACTION}`],
    ['resources', '[{ type: a, actions: [b, c, b] }]', '5:44: "b" is declared twice.'],
    [
      'resources',
      '[{ type: a, actions: [b] }, { type: a, actions: [b] }]',
      '5:52: "a" is declared by "docs" already.',
    ],
    ['upstream', '[http://a]', '5:5: "upstream" is not known here; did you mean "upstreams"?'],
    ['Strip', 'true', '5:5: "Strip" is not known here; did you mean "strip"?'],
    ['unrelated', '1', `5:5: "unrelated" is not known here; possible are ${KEYS}`],
    ['__proto__', '{ a: 1 }', '5:5: The key "__proto__" is not read.'],
  ])('%s: %s', (key, value, problem) => {
    expect(problems(appWith({ [key]: value }))).toEqual([`apps.yaml:${problem}`])
  })

  test.each(['id', 'upstreams', 'organisation'])('%s is missing', (key) => {
    expect(problems(appWith({ [key]: '' }))).toEqual([`apps.yaml:2:5: "${key}" is missing.`])
  })

  test.each([
    ['http://169.254.169.254'],
    ['http://169.254.0.1:80'],
    ['http://0xa9fea9fe'],
    ['http://2852039166'],
    ['http://[fe80::1]'],
    ['http://[febf::1]'],
    ['http://[::ffff:169.254.169.254]'],
  ])('A6 124: the link-local address %s is never an upstream', (upstream) => {
    const [problem = ''] = problems(appWith({ upstreams: `["${upstream}"]` }))
    expect(problem).toContain('link-local address')
  })

  test('two applications with one id', () => {
    const text = appWith() + appWith({ match: '{ prefix: /a }' }).replace('applications:\n', '')
    expect(problems(text)).toEqual(['apps.yaml:5:9: "docs" is declared twice.'])
  })

  test.each([
    ['', '', '5:9'],
    ['{ prefix: /a }', '{ prefix: /a }', '9:12'],
    ['{ host: a.test }', '{ host: a.test, prefix: / }', '9:12'],
  ])('two applications that match the same: %j and %j', (first, second, place) => {
    const text =
      appWith({ match: first }) +
      appWith({ id: 'other', match: second }).replace('applications:\n', '')
    expect(problems(text)).toEqual([
      `apps.yaml:${place}: "other" matches exactly what "docs" matches.`,
    ])
  })

  test('one prefix on two hosts is two places', () => {
    const first = appWith({ match: '{ host: a.test, prefix: /a }' })
    const second = appWith({ id: 'other', match: '{ host: b.test, prefix: /a }' })
    expect(problems(first + second.replace('applications:\n', ''))).toEqual([])
  })

  test('a host beside a sub-domain', () => {
    const text = appWith({ match: '{ host: a.test }', organisation: '{ subdomain: a.test }' })
    expect(problems(text)).toEqual([
      'apps.yaml:5:20: The sub-domain names the host; take "host" away.',
    ])
  })

  test('every mistake of a file is named at once', () => {
    const text = appWith({ id: 'A', upstreams: '[x]', organisation: 'y', strip: 'z', extra: '1' })
    expect(problems(text)).toHaveLength(5)
  })
})

describe('YAML is read strictly', () => {
  test.each([
    ['an empty file', '', '1:1: Write keys with values here.'],
    ['a list for the whole', '- a', '1:1: Write keys with values here.'],
    ['another key', 'apps: []', '1:1: "applications" is missing.'],
    ['a key twice', 'applications: []\napplications: []', '2:1: Map keys must be unique'],
    ['a key twice inside', 'applications:\n  - id: a\n    id: b', '3:5: Map keys must be unique'],
    ['two documents', 'applications: []\n---\napplications: []', '2:1: A file holds one document'],
    ['a list that is not closed', 'applications: [', '1:16: '],
    ['a tab for indentation', 'applications:\n\t- id: a', '2:1: '],
  ])('%s', (_, text, problem) => {
    const [first = ''] = problems(text).toSorted((left) => (left.includes('missing') ? -1 : 1))
    expect(first.startsWith(`apps.yaml:${problem}`), first).toBe(true)
  })

  test('an anchor and an alias', () => {
    expect(problems('applications: &all []\nother: *all')).toEqual([
      'apps.yaml:1:20: The anchor "all" is not read; write the value where it is needed.',
      'apps.yaml:2:8: Aliases are not read; write the value out.',
    ])
  })

  test('a bomb of aliases is refused before it is expanded', () => {
    const levels = Array.from(
      { length: 30 },
      (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`,
    )
    const found = problems(['a0: &a0 [x]', ...levels, 'applications: *a30'].join('\n'))
    expect(found).toContain('apps.yaml:32:15: Aliases are not read; write the value out.')
  })

  test('a tag of nobody', () => {
    expect(problems('applications: !js/function []')[0]).toMatch(/^apps\.yaml:1:/)
  })

  test('a merge key is a key like any other', () => {
    const [problem] = problems('applications:\n  - <<: { id: a }\n')
    expect(problem).toMatch(/"<<" is not known here|is missing/)
  })
})

describe('an operation is a permission as well, so that', () => {
  const operation = (id: string, path = '/x') => `[{ id: ${id}, method: GET, path: '${path}' }]`

  test('its name is none of the management API', () => {
    expect(problems(appWith({ id: 'teams', operations: operation('write') }))).toEqual([
      'apps.yaml:5:24: "teams:write" is a permission of the management API; choose another id.',
    ])
    expect(problems(appWith({ id: 'teams', operations: operation('list') }))).toEqual([])
    expect(problems(appWith({ id: 'docs', operations: operation('write') }))).toEqual([])
  })

  test('its path fits a rule together with the id of the application', () => {
    const path = `/${'a'.repeat(limits.patternBytes - '/docs/'.length)}`
    expect(problems(appWith({ operations: operation('most', path) }))).toEqual([])
    const [problem, ...more] = problems(appWith({ operations: operation('more', `${path}a`) }))
    expect(problem).toContain(`Behind "/docs": A path pattern has at most ${limits.patternBytes}`)
    expect(more).toEqual([])
  })
})
