import { describe, expect, test } from 'vitest'
import { parseModel } from '../../../src/policy/model/model.ts'
import {
  isProductModel,
  productModel,
  whyUnreadable,
} from '../../../src/policy/questions/product-model.ts'
import { modelText, ourModel, snapshotOf } from '../support.ts'

const edited = (from: string, to: string) => {
  expect(modelText).toContain(from)
  return parseModel(modelText.replace(from, to), 'model.conf')
}

const path = 'keyMatch2(r.obj, p.obj) && \\\n'

describe('the class of models', () => {
  test('has the model of the project, whatever its comments say', () => {
    expect(isProductModel(ourModel())).toBe(true)
    expect(isProductModel(productModel())).toBe(true)
    expect(productModel()).toBe(productModel())
  })

  test('has one whose conditions stand in another order', () => {
    const reordered = modelText.replace(`    ${path}`, '').replace('m = ', `m = ${path}    `)
    expect(reordered).not.toBe(modelText)
    expect(isProductModel(parseModel(reordered, 'model.conf'))).toBe(true)
  })

  test.each<[string, string, string]>([
    ['without rules for everybody', 'p.sub == "*" || ', ''],
    ['without rules for every organisation', 'p.dom == "*" || ', ''],
    ['without rules for every method', 'p.act == "*" || ', ''],
    ['that compares objects to the letter', 'keyMatch2(r.obj, p.obj)', 'r.obj == p.obj'],
    ['that reads methods as expressions', 'r.act == p.act', 'regexMatch(r.act, p.act)'],
    ['with somebody who may do anything', 'm = ', 'm = r.sub == "user:root" || '],
    ['with an object that nobody may use', 'm = ', 'm = r.obj != "/docs/a" && '],
    ['in which an allow beats a deny', ' && !some(where (p.eft == deny))', ''],
  ])('has none %s', (_, from, to) => {
    expect(isProductModel(edited(from, to))).toBe(false)
  })

  test('has none with roles of no organisation', () => {
    const text = modelText
      .replace('g = _, _, _', 'g = _, _')
      .replace('g(r.sub, p.sub, r.dom)', 'g(r.sub, p.sub)')
    expect(isProductModel(parseModel(text, 'model.conf'))).toBe(false)
  })
})

describe('a snapshot', () => {
  test('of such a model can be read, with its model and without', async () => {
    const snapshot = await snapshotOf({})
    expect(whyUnreadable(snapshot)).toBeUndefined()
    expect(whyUnreadable({ ...snapshot, model: ourModel() })).toBeUndefined()
  })

  test('of another model cannot, and says so', async () => {
    const model = edited('p.sub == "*" || ', '')
    expect(whyUnreadable({ ...(await snapshotOf({})), model })).toContain('matcher')
  })

  test('that casbin decides cannot, and says why', async () => {
    const snapshot = await snapshotOf({})
    const engine = { ...snapshot.engine, interpreted: 'The rules are sorted.' }
    expect(whyUnreadable({ ...snapshot, engine })).toBe(
      'The rules are decided by casbin one by one. The rules are sorted.',
    )
  })
})
