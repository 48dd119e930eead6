/** Memory that a program keeps, after everything that nobody holds is gone. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes: the JavaScript heap, and what WebAssembly and buffers hold beside it. */
export function keptBytes(): number {
  // What the first collection finalises only the second one frees.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
