/**
 * Random worlds on which the engine once differed from casbin, one a line of `failed-seeds.txt`: the
 * seed, and fast-check's path to the world. The long run adds to them; every later run replays them.
 */
import { appendFileSync, readFileSync } from 'node:fs'

export interface FailedWorld {
  readonly seed: number
  /** Which of the worlds of the seed, as fast-check writes it. */
  readonly path: string
}

export const failedSeedsFile = new URL('failed-seeds.txt', import.meta.url).pathname

/** The kept worlds; a line that is none, as a comment, is passed over. */
export function failedWorlds(file: string): FailedWorld[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [, seed, path] = /^(-?\d+) ([\d:]+)$/.exec(line) ?? []
    return seed === undefined || path === undefined ? [] : [{ seed: Number(seed), path }]
  })
}

/** Adds a world, once. */
export function keepFailedWorld(file: string, { seed, path }: FailedWorld): void {
  const known = failedWorlds(file).some((world) => world.seed === seed && world.path === path)
  if (!known) appendFileSync(file, `${seed} ${path}\n`)
}
