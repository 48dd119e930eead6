/** The model that each variant of the work is written for: ours, and two that compare paths otherwise. */
import { readFileSync } from 'node:fs'
import type { Variant } from './world.ts'

const PATH = 'keyMatch2(r.obj, p.obj)'
const comparisons: Readonly<Record<Variant, string>> = {
  exact: 'r.obj == p.obj',
  keyMatch2: PATH,
  regexMatch: 'regexMatch(r.obj, p.obj)',
  denies: PATH,
}

/** The text of a `model.conf`. */
export function modelFor(variant: Variant): string {
  const ours = readFileSync('model.conf', 'utf8')
  if (!ours.includes(PATH)) throw new Error(`model.conf does not say ${PATH}.`)
  return ours.replace(PATH, comparisons[variant])
}
