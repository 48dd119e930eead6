/** node-casbin as its documentation has it: an adapter, `newEnforcer` and `enforceSync`. */
import { type Adapter, type Enforcer, type Model, newEnforcer, newModelFromString } from 'casbin'
import type { Rule } from '../../../src/policy/rule.ts'
import { modelFor } from '../models.ts'
import type { Variant } from '../world.ts'
import type { Open } from './engine.ts'

const unused = async (): Promise<never> => {
  throw new Error('Nothing is saved.')
}

/** Hands rules over without CSV between them, which is the quickest way in. */
function adapterOf(lists: Iterable<readonly Rule[]>): Adapter {
  const loadPolicy = async (model: Model) => {
    for (const rules of lists) {
      for (const { ptype, values } of rules) {
        model.model
          .get(ptype)
          ?.get(ptype)
          ?.policy.push([...values])
      }
    }
  }
  return {
    loadPolicy,
    savePolicy: unused,
    addPolicy: unused,
    removePolicy: unused,
    removeFilteredPolicy: unused,
  }
}

async function enforcerOf(lists: Iterable<readonly Rule[]>, variant: Variant): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(modelFor(variant)), adapterOf(lists))
  enforcer.enableAutoSave(false)
  return enforcer
}

async function addRule(enforcer: Enforcer | undefined, { values }: Rule): Promise<void> {
  if ((await enforcer?.addPolicy(...values)) !== true) throw new Error('The rule was not added.')
}

/** All rules of all organisations in one enforcer. */
export const openOneEnforcer: Open = async (world) => {
  function* lists() {
    for (const { rules } of world.organisations()) yield rules
  }
  const enforcer = await enforcerOf(lists(), world.variant)
  return {
    decide: ({ sub, dom, obj, act }) => enforcer.enforceSync(sub, dom, obj, act),
    edit: (_, rule) => addRule(enforcer, rule),
  }
}

/** An enforcer an organisation. */
export const openEnforcers: Open = async (world) => {
  const held = new Map<string, Enforcer>()
  for (const { id, rules } of world.organisations()) {
    held.set(`org:${id}`, await enforcerOf([rules], world.variant))
  }
  return {
    decide: ({ sub, dom, obj, act }) => held.get(dom)?.enforceSync(sub, dom, obj, act) === true,
    edit: (organisation, rule) => addRule(held.get(`org:${organisation}`), rule),
  }
}
