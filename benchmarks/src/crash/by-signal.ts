/**
 * How a program is told what to do, and says what it does, that has no channel to this one: by signals,
 * and by files of its process id.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pick } from '../restart/pick.js'

export const signals = { crash: 'SIGUSR2', block: 'SIGHUP' } as const

export type Saying = 'serves' | 'blocks'

/** How often is looked whether a program has said something, and how long that may take, in milliseconds. */
const pause = 5
const patience = 30_000

/** Says something of this program. */
export function sayIn(folder: string, saying: Saying): void {
  writeFileSync(path.join(folder, `${process.pid}.${saying}`), '')
}

/** The process ids of all that have said so. */
export function whoSaid(folder: string, saying: Saying): number[] {
  const ending = `.${saying}`
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return names.map((name) => Number(name.slice(0, -ending.length)))
}

/** Waits until programs have said something. */
export async function untilSaid(isSaid: () => boolean): Promise<void> {
  const deadline = performance.now() + patience
  while (!isSaid()) {
    if (performance.now() > deadline) throw new Error('its workers do not say what they do')
    await delay(pause)
  }
}

/** Has programs kill themselves. */
export function crashAll(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, signals.crash)
}

/** Blocks one of some programs, by chance; gives its process id when it is blocked. */
export async function blockOne(folder: string, pids: readonly number[]): Promise<number> {
  const [pid] = pick(pids, 1)
  if (pid === undefined) throw new Error('nobody is left')
  process.kill(pid, signals.block)
  await untilSaid(() => whoSaid(folder, 'blocks').includes(pid))
  return pid
}
