/**
 * Cedar as WebAssembly: a policy set an organisation, parsed once and kept inside (its stateful
 * interface). What a principal holds goes with each request, and nothing else of the organisation does.
 */
import {
  type CheckParseAnswer,
  type EntityJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { Rule } from '../../../src/policy/rule.ts'
import type { Open } from './engine.ts'
import { heldBy, type Links, linksOf } from './held.ts'

const subject = (id: string) => ({ type: 'Subject', id })
const object = { type: 'Object', id: 'it' }

function depthOf(path: string): number {
  return path.split('/').length - 1
}

/** Its `like` takes a star for anything, slashes included, so that the depth has to be said. */
function conditionOf(pattern: string): string {
  if (!/[:*]/.test(pattern)) return `resource.path == "${pattern}"`
  const like = `resource.path like "${pattern.replaceAll(/:\w+/g, '*')}"`
  return pattern.endsWith('*') ? like : `resource.depth == ${depthOf(pattern)} && ${like}`
}

function policyOf({ values }: Rule): string {
  const [sub = '', , pattern = '', act = '', effect] = values
  const action = act === '*' ? 'action' : `action == Action::"${act}"`
  const verb = effect === 'deny' ? 'forbid' : 'permit'
  return `${verb}(principal in Subject::"${sub}", ${action}, resource) when { ${conditionOf(pattern)} };`
}

function prepare(id: string, policies: readonly string[]): void {
  const answer: CheckParseAnswer = preparsePolicySet(id, { staticPolicies: policies.join('\n') })
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message)
}

function entitiesOf(sub: string, links: Links): EntityJson[] {
  return heldBy(sub, links).map((id) => {
    return { uid: subject(id), attrs: {}, parents: (links.get(id) ?? []).map(subject) }
  })
}

export const openCedar: Open = async (world) => {
  if (world.variant === 'regexMatch') throw new Error('Cedar has no regular expressions')
  const policies = new Map<string, string[]>()
  const links = new Map<string, Links>()
  for (const { id, rules } of world.organisations()) {
    const written = rules.filter(({ ptype }) => ptype === 'p').map(policyOf)
    prepare(`org:${id}`, written)
    links.set(`org:${id}`, linksOf(rules))
    // An edit needs the text again; only the one large organisation is edited.
    if (world.size.organisations === 1) policies.set(id, written)
  }
  const principals = new Map<string, EntityJson[]>()
  return {
    decide: ({ sub, dom, obj, act }) => {
      const key = `${dom} ${sub}`
      const entities = principals.get(key) ?? entitiesOf(sub, links.get(dom) ?? new Map())
      principals.set(key, entities)
      const answer = statefulIsAuthorized({
        principal: subject(sub),
        action: { type: 'Action', id: act },
        resource: object,
        context: {},
        preparsedPolicySetId: dom,
        entities: [
          ...entities,
          { uid: object, attrs: { path: obj, depth: depthOf(obj) }, parents: [] },
        ],
      })
      if (answer.type === 'failure') throw new Error(answer.errors[0]?.message)
      return answer.response.decision === 'allow'
    },
    edit: (organisation, rule) => {
      const written = [...(policies.get(organisation) ?? []), policyOf(rule)]
      prepare(`org:${organisation}`, written)
      policies.set(organisation, written)
    },
  }
}
