import { describe, expect, test } from 'vitest'
import { builtInRules } from '../../src/policy/built-in.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { ask, filesWith, inert, modelText, problemsIn, ruleOf, snapshotOf } from './support.ts'

describe('a snapshot', () => {
  test('names its organisation, its revision and the files it was made from', async () => {
    const files = filesWith([inert])
    const snapshot = await buildSnapshot({ files, organisation: 'acme', revision: 12, rules: [] })
    expect(snapshot).toMatchObject({ organisation: 'acme', revision: 12, files: files.hash })
  })

  test('holds built-in roles, then guardrails, then the rules of the organisation', async () => {
    const guardrails = ['p, role:a, *, /docs/a, GET, allow', 'g, role:b, role:a, *']
    const rules = ['p, role:a, org:acme, /docs/b, GET, allow', 'g, user:ann, role:b, org:acme']
    const snapshot = await snapshotOf({ guardrails, rules })
    const kinds = snapshot.rules.map(({ source }) => source.kind)
    expect(kinds).toEqual([
      ...builtInRules.map(() => 'built-in'),
      ...['file', 'file', 'organisation', 'organisation'],
    ])
    expect(snapshot.ruleCount).toBe(builtInRules.length + 4)
  })

  test('settles the domain of an assignment and leaves what is of others out', async () => {
    const guardrails = [
      'g, user:ann, role:a, *',
      'g, user:ann, role:b, org:acme',
      'g, user:ann, role:c, org:beta',
      'p, role:a, *, /docs/a, GET, allow',
      'p, role:a, org:beta, /docs/b, GET, allow',
    ]
    const snapshot = await snapshotOf({ guardrails })
    const written = snapshot.rules.slice(builtInRules.length).map(({ values }) => values.join(' '))
    expect(written).toEqual([
      'user:ann role:a org:acme',
      'user:ann role:b org:acme',
      'role:a * /docs/a GET allow',
    ])
    expect(snapshot.rolesOf('user:ann')).toEqual(['role:a', 'role:b'])
  })

  test('keeps the place of a line whose domain it settled', async () => {
    const snapshot = await snapshotOf({ guardrails: ['g, user:ann, role:a, *'] })
    const settled = snapshot.rules.find(({ ptype }) => ptype === 'g')
    expect(settled?.source).toMatchObject({ file: 'policies/rules.csv', line: 2 })
  })

  test('knows every team and role of a subject, near ones first and each once', async () => {
    const snapshot = await snapshotOf({
      guardrails: ['g, role:editor, role:reader, *', 'g, role:reader, role:guest, *'],
      rules: [
        'g, user:ann, team:writers, org:acme',
        'g, user:ann, role:reader, org:acme',
        'g, team:writers, role:editor, org:acme',
      ],
    })
    expect(snapshot.rolesOf('user:ann')).toEqual([
      'team:writers',
      'role:reader',
      'role:editor',
      'role:guest',
    ])
    expect(snapshot.rolesOf('user:nobody')).toEqual([])
  })

  test('may hold an assignment both as guardrail and as rule', async () => {
    const snapshot = await snapshotOf({
      guardrails: ['g, user:ann, role:viewer, *'],
      rules: ['g, user:ann, role:viewer, org:acme'],
    })
    expect(snapshot.ruleCount).toBe(builtInRules.length + 2)
    expect(ask(snapshot, 'user:ann GET /gatehouse/members').allow).toBe(true)
  })
})

describe('a snapshot is refused', () => {
  test('with a rule that does not hold there, naming its position', async () => {
    const rules = ['g, user:ann, role:viewer, org:acme', 'p, *, org:beta, /docs/a, GET, allow']
    expect(await problemsIn(snapshotOf({ rules }))).toEqual([
      'organisation acme:2:3: The rule of an organisation holds there only: the domain is org:acme.',
    ])
  })

  test('with a circle that only guardrails and rules together make', async () => {
    const guardrails = ['g, role:a, role:b, *']
    expect(
      await problemsIn(snapshotOf({ guardrails, rules: ['g, role:b, role:c, org:acme'] })),
    ).toEqual([])
    expect(
      await problemsIn(snapshotOf({ guardrails, rules: ['g, role:b, role:a, org:acme'] })),
    ).toEqual(['organisation acme:1:3: This makes a circle: role:a -> role:b -> role:a.'])
  })

  test.each([['Acme'], [''], ['org:acme'], ['a/b'], ['*'], ['a,b']])(
    'for %j, which is no organisation',
    async (organisation) => {
      const building = buildSnapshot({
        files: filesWith([inert]),
        organisation,
        revision: 1,
        rules: [],
      })
      await expect(building).rejects.toThrow("is no organisation's id")
    },
  )

  test('self-test: when a subject that holds nothing is allowed', async () => {
    const files = filesWith([inert])
    const open = modelText.replace('m = ', 'm = r.obj != "" || ')
    const building = buildSnapshot({
      files: { ...files, model: parseModel(open, 'model.conf') },
      organisation: 'acme',
      revision: 1,
      rules: [],
    })
    await expect(building).rejects.toThrow('The policy fails its self-test')
  })

  test('self-test: when the owner is denied by default', async () => {
    const files = filesWith([inert])
    const shut = modelText.replace('m = ', 'm = r.obj == "" && ')
    const building = buildSnapshot({
      files: { ...files, model: parseModel(shut, 'model.conf') },
      organisation: 'acme',
      revision: 1,
      rules: [],
    })
    await expect(building).rejects.toThrow('the owner was denied by default')
  })

  test('self-test: not because a guardrail is for everybody', async () => {
    const guardrails = ['p, *, *, /*, GET, allow']
    expect(ask(await snapshotOf({ guardrails }), 'user:x GET /docs/a').allow).toBe(true)
    expect(
      ask(await snapshotOf({ guardrails: ['p, *, *, /*, *, deny'] }), 'user:x GET /docs/a').allow,
    ).toBe(false)
  })
})

test('a hundred organisations from one set of files share no rule', async () => {
  const files = filesWith([inert, 'p, role:a, *, /docs/a, GET, allow'])
  const snapshots = await Promise.all(
    Array.from({ length: 100 }, (_, at) => {
      const rules = at % 2 === 0 ? [ruleOf(`g, user:ann, role:a, org:o${at}`)] : []
      return buildSnapshot({ files, organisation: `o${at}`, revision: at, rules })
    }),
  )
  const allowed = snapshots.map((snapshot) => ask(snapshot, 'user:ann GET /docs/a').allow)
  expect(allowed).toEqual(snapshots.map((_, at) => at % 2 === 0))
})
