import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFacts } from '../../src/policy/facts.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import { readResources } from '../../src/policy/rules/resources.ts'
import { attributeFiles, attributesModel } from './attribute-world.ts'
import { ruleOf } from './support.ts'
import { differenceOn } from './support-oracle.ts'

const model = parseModel(attributesModel, 'model.conf')
const { applications } = attributeFiles(['p, *, *, /docs/*, GET, deny, always'])
const resources = readResources(applications)

const value = fc.constantFrom('ann', 'Sales', 'open', 'user:ann', '', 3, true)
const attributes = fc.dictionary(
  fc.constantFrom('owner', 'department', 'state', 'subject', 'valueOf'),
  value,
  { noNullPrototype: true },
)
const object = fc.constantFrom('/docs/document/1', '/docs/document/2', '/docs/folder/1')
const subject = fc.constantFrom('user:ann', 'user:ben', 'anonymous')
const action = fc.constantFrom('GET', 'can_read')

const rule = fc
  .tuple(
    fc.constantFrom('*', 'user:ann', 'role:reader'),
    fc.constantFrom('*', 'org:acme', 'org:beta'),
    fc.constantFrom('/docs/*', '/docs/document/:id', '/docs/document/1'),
    fc.constantFrom('*', 'GET', 'can_read'),
    fc.constantFrom('allow', 'allow', 'deny'),
    fc.constantFrom('always', 'own', 'department', 'mail', 'self', 'open'),
  )
  .map((values) => ruleOf(['p', ...values].join(', ')))
const role = fc
  .constantFrom('user:ann', 'user:ben')
  .map((sub) => ruleOf(`g, ${sub}, role:reader, org:acme`))
const request = fc.record({ sub: subject, obj: object, act: action, sent: attributes })

test('I5: conditions are decided as node-casbin decides them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { minLength: 1, maxLength: 8 }),
      fc.array(role, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('user:ann', 'user:ben', '/docs/document/1'), attributes),
      fc.array(request, { minLength: 1, maxLength: 6 }),
      async (rules, roles, stored, asked) => {
        const members = new Map([['user:ann', { email: 'ann', name: null }]])
        const known = { members, attributes: new Map(Object.entries(stored)) }
        const factsOf = createFacts(model, resources, known)
        const requests = asked.map((of) => [of.sub, 'org:acme', of.obj, of.act, ...factsOf(of)])
        expect(await differenceOn({ model, rules: [...rules, ...roles], requests })).toBeUndefined()
      },
    ),
    { numRuns: 150 },
  )
})
