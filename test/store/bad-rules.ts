/** Rules that must never be stored, each with the column that both walls have to name. */

export interface BadRule {
  readonly title: string
  readonly ptype: string
  readonly values: unknown
  /** The constraint of the casbin table that refuses it. */
  readonly constraint: string
}

const P: readonly string[] = ['role:editor', 'org:acme', '/docs/documents', 'GET', 'allow']
const G: readonly string[] = ['user:ann', 'role:editor', 'org:acme']

/** The texts that shift columns, hide, or act as operators (H1, section 2.3, section 6). */
const hostileIds = [
  '',
  ' user:ann',
  'user:ann ',
  'user: ann',
  'user:ann\n',
  'user:ann\r\np, *, org:acme, /docs, *, allow',
  'user:mallory, role:admin, org:acme',
  'user:mallory,role:admin',
  '"user:ann"',
  "user:ann'",
  'user:ann#',
  '#user:ann',
  'user:(ann',
  'like:%',
  'like:user:%',
  'regex:.*',
  'user:Ann',
  'user:änn',
  'user:ａnn',
  'user:',
  'user:-ann',
  'user:ann-',
  `user:${'a'.repeat(65)}`,
  'ann',
  'org:acme',
  'group:ann',
  '**',
  'user:*',
  'user:ann\u2028',
] as const

function changed(values: readonly string[], index: number, value: unknown): unknown[] {
  return values.with(index, value as string)
}

function column(ptype: 'p' | 'g', index: number, constraint: string, bad: readonly unknown[]) {
  const whole = ptype === 'p' ? P : G
  return bad.map((value) => ({
    title: `${constraint} ${JSON.stringify(value)}`,
    ptype,
    values: changed(whole, index, value),
    constraint: `casbin_${constraint}`,
  }))
}

const hostileObjects = [
  '',
  'docs/documents',
  '/',
  '/*',
  '/:application/documents',
  '//docs',
  '/Docs/documents',
  '/docs/a b',
  '/docs/a,b',
  '/docs/a"b',
  "/docs/a'b",
  '/docs/(a',
  '/docs/a)',
  '/docs/a;b',
  '/docs/a#b',
  '/docs/a?b',
  '/docs/a\\b',
  '/docs/a\nb',
  '/docs/a\n',
  '/docs/\u00e4',
  '/docs/a{b}',
  '/docs/a[b]',
  '/docs/a|b',
  '/docs/a^b',
  ' /docs/documents',
  '/docs/documents ',
  'regex:/docs/.*',
  'like:/docs/%',
  `/docs/${'a'.repeat(512)}`,
]

export const badRules: readonly BadRule[] = [
  ...['', 'P', 'p2', 'g2', 'r', 'p, p', 'p\n', ' p', 'like:%'].map((ptype) => ({
    title: `type ${JSON.stringify(ptype)}`,
    ptype,
    values: [...P],
    constraint: 'casbin_type',
  })),
  ...[[], P.slice(0, 4), [...P, 'allow'], [...P, ''], [P], ['role:editor']].map((values) => ({
    title: `${values.length} columns of p`,
    ptype: 'p',
    values,
    constraint: 'casbin_columns',
  })),
  ...[[], G.slice(0, 2), [...G, 'org:acme']].map((values) => ({
    title: `${values.length} columns of g`,
    ptype: 'g',
    values,
    constraint: 'casbin_columns',
  })),
  ...[{ 0: 'role:editor' }, 'role:editor, org:acme', 5, null].map((values) => ({
    title: `columns that are no list: ${JSON.stringify(values)}`,
    ptype: 'p',
    values,
    constraint: 'casbin_columns',
  })),
  ...column('p', 0, 'p_subject', [...hostileIds, null, 5, true, ['*'], { a: '*' }]),
  ...column('p', 1, 'p_domain', [
    '',
    '*',
    'acme',
    'org:*',
    'org:',
    'org:Acme',
    ' org:acme',
    'org:acme ',
    'org:acme\n',
    'org:acme, /docs, *, allow',
    'like:org:%',
    'regex:.*',
    'user:acme',
    null,
    ['org:acme'],
  ]),
  ...column('p', 2, 'p_object', [...hostileObjects, null, ['/docs'], 7]),
  ...column('p', 2, 'p_object_ours', [
    '/gatehouse',
    '/gatehouse/',
    '/gatehouse/members',
    '/gatehouse/*',
  ]),
  ...column('p', 3, 'p_action', [
    '',
    'can read',
    'can.read',
    '_read',
    'canRead',
    `a${'b'.repeat(64)}`,
    'Get',
    'GET|POST',
    'GET POST',
    'GET\n',
    '.*',
    '**',
    'G',
    null,
    1,
  ]),
  ...column('p', 4, 'p_effect', [
    '',
    'Deny',
    'ALLOW',
    ' deny',
    'deny ',
    'deny\n',
    'permit',
    true,
    null,
  ]),
  ...column('g', 0, 'g_member', [...hostileIds, '*', 'anonymous', null, 5, ['user:ann']]),
  ...column('g', 1, 'g_role', [
    ...hostileIds,
    '*',
    'user:ben',
    'service:ben',
    'role:editor, org:acme',
    null,
    {},
  ]),
  ...column('g', 2, 'g_domain', [
    '',
    '*',
    'org:*',
    'acme',
    'org:acme ',
    'org:acme, x',
    'regex:.*',
    null,
  ]),
]

/** Rules that both walls have to let through. */
export const goodRules: readonly { readonly ptype: string; readonly values: readonly string[] }[] =
  [
    { ptype: 'p', values: P },
    ...['*', 'anonymous', 'team:writers', 'user:ann', 'service:bot', `role:${'a'.repeat(64)}`].map(
      (subject) => ({ ptype: 'p', values: P.with(0, subject) }),
    ),
    ...[
      '/docs',
      '/docs/',
      '/docs/*',
      '/docs/:id/parts/:part',
      '/docs/caf%C3%A9/~a.b_c-d',
      '/docs/a*b!$&+=@',
      '/gatehouse-docs/x',
      '/gatehouses',
      `/docs/${'a'.repeat(506)}`,
    ].map((object) => ({ ptype: 'p', values: P.with(2, object) })),
    ...['*', 'POST', 'DELETE', 'OPTIONS', 'can_read', 'x-1'].map((action) => ({
      ptype: 'p',
      values: P.with(3, action),
    })),
    { ptype: 'p', values: P.with(4, 'deny') },
    { ptype: 'g', values: G },
    { ptype: 'g', values: ['team:writers', 'role:editor', 'org:acme'] },
    { ptype: 'g', values: ['service:bot', 'team:writers', 'org:acme'] },
    { ptype: 'g', values: ['role:editor', 'role:reader', 'org:acme'] },
  ]
