import { expect, test } from 'vitest'
import { BusyError, createGate } from '../../src/lib/gate.ts'

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let begun = false
  const run = () => {
    begun = true
    return promise
  }
  return { run, end: resolve, fail: reject, begun: () => begun }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

test('so many run at the same time, the next ones in the order they came', async () => {
  const gate = createGate({ running: 2, waiting: 2 })
  const all = [work(), work(), work(), work()]
  const ends = all.map(({ run }) => gate(run))
  await settle()
  expect(all.map(({ begun }) => begun())).toEqual([true, true, false, false])
  all[1]?.end('second')
  await settle()
  expect(all.map(({ begun }) => begun())).toEqual([true, true, true, false])
  for (const [at, one] of all.entries()) one.end(String(at))
  expect(await Promise.all(ends)).toEqual(['0', 'second', '2', '3'])
})

test('beyond the line is refused at once, and there is room again afterwards', async () => {
  const gate = createGate({ running: 1, waiting: 1 })
  const [running, waiting, late] = [work(), work(), work()]
  const ends = [gate(running.run), gate(waiting.run)]
  const refused = gate(late.run)
  await expect(refused).rejects.toBeInstanceOf(BusyError)
  expect(late.begun()).toBe(false)
  running.end('a')
  waiting.end('b')
  await Promise.all(ends)
  late.end('c')
  expect(await gate(late.run)).toBe('c')
})

test('work that fails frees its place and keeps its error', async () => {
  const gate = createGate({ running: 1, waiting: 1 })
  const [failing, next] = [work(), work()]
  const first = gate(failing.run)
  const second = gate(next.run)
  failing.fail(new Error('broken'))
  next.end('fine')
  await expect(first).rejects.toThrow('broken')
  expect(await second).toBe('fine')
})

test('a place that was handed over is not given twice', async () => {
  const gate = createGate({ running: 1, waiting: 5 })
  const [first, second, third] = [work(), work(), work()]
  const ends = [gate(first.run), gate(second.run)]
  first.end('a')
  await ends[0]
  ends.push(gate(third.run))
  await settle()
  expect([second.begun(), third.begun()]).toEqual([true, false])
  second.end('b')
  third.end('c')
  await Promise.all(ends)
})
