import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { now } from '../clock.js'
import { Load, type LoadReport, type LoadSettings } from '../load/load.js'
import { acceptedBy } from './accepted.js'
import type { CrashingSide, CrashingStart, RunningCrashingSide, Victims } from './crashing-side.js'
import { firstAnswerAfter, type Losses, lossesOf } from './losses.js'

export interface CrashSettings extends Omit<CrashingStart, 'folder'> {
  load: LoadSettings
  /** Who is killed each time. */
  victims: Victims
  /** How often, one after the other. */
  crashes: number
  /** How a member is blocked before it is killed; without it, it dies as it serves. */
  blocked?: Blocked
}

export interface Blocked {
  /** For so long, in milliseconds; twice as long where fewer wait than should. */
  time: number
  /** So many connections should wait by then. */
  queue: number
}

export interface CrashStorm extends Losses {
  crashes: number
  /** Of each crash of a blocked member, how many connections waited then. */
  waiting: number[]
  /** And when the first of them was answered, in milliseconds from then, where one was. */
  firstAnswers: number[]
  load: LoadReport
  versions: Readonly<Record<string, string>>
}

/** In milliseconds. One that waits for longer waits for somebody who does not come. */
export const longWait = 50

/** How often is looked how many wait, in milliseconds. */
const pause = 5

interface Crash {
  /** Of the members that may be gone by it. */
  pids: readonly number[]
  /** When, by the clock, and how many had a long wait by then; of a blocked member only. */
  blocked: { killed: number; waiting: number } | null
}

/** Kills under load, again and again; who was killed is replaced before the next time. */
export async function crashStorm(
  { start }: CrashingSide,
  { node, network, members, load: settings, victims, crashes, blocked }: CrashSettings,
): Promise<CrashStorm> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-crash-'))
  try {
    await using running = await start({ node, network, members, folder })
    const journal = { ...settings, journal: true }
    await using load = await Load.start(node.program, network, running.port, journal)
    const done: Crash[] = []
    while (done.length < crashes) {
      done.push(
        blocked === undefined
          ? { pids: await running.crash(victims), blocked: null }
          : await killBlocked(running, load, blocked),
      )
      await running.successors()
    }
    const outcome = outcomeOf(done, await load.stop(), folder)
    return { ...outcome, versions: running.versions ?? {} }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function killBlocked(
  running: RunningCrashingSide,
  load: Load,
  { time, queue }: Blocked,
): Promise<Crash> {
  const pid = await running.block()
  const start = now()
  await delay(time)
  let waiting = await load.waiting(longWait)
  while (waiting < queue && now() - start < 2 * time) {
    await delay(pause)
    waiting = await load.waiting(longWait)
  }
  const killed = now()
  process.kill(pid, 'SIGKILL')
  return { pids: [pid], blocked: { killed, waiting } }
}

function outcomeOf(
  crashes: readonly Crash[],
  load: LoadReport,
  folder: string,
): Omit<CrashStorm, 'versions'> {
  const accepted = crashes.flatMap(({ pids }) =>
    pids.flatMap((pid) => [...acceptedBy(folder, pid)]),
  )
  const ofBlocked = crashes.flatMap(({ blocked }) => blocked ?? [])
  return {
    crashes: crashes.length,
    ...lossesOf(load.journal, new Set(accepted)),
    waiting: ofBlocked.map(({ waiting }) => waiting),
    firstAnswers: ofBlocked.flatMap(
      ({ killed }) => firstAnswerAfter(killed, longWait, load.journal) ?? [],
    ),
    load,
  }
}
