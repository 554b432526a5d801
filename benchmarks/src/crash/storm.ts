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
  /** Which processes are killed each time. */
  victims: Victims
  /** How often they are killed, one crash after the other. */
  crashes: number
  /** How a member is blocked before it is killed; without this, it dies while it serves. */
  blocked?: Blocked
}

export interface Blocked {
  /** How long it is blocked, in milliseconds; up to twice as long if fewer connections wait than should. */
  time: number
  /** How many connections should wait by then. */
  queue: number
}

export interface CrashStorm extends Losses {
  crashes: number
  /** For each crash of a blocked member, how many connections waited when it was killed. */
  waiting: number[]
  /** How long after each such crash the first of them was answered, in milliseconds, if one was. */
  firstAnswers: number[]
  load: LoadReport
  versions: Readonly<Record<string, string>>
}

/** In milliseconds. A connection that waits for longer waits for a member that does not accept it. */
export const longWait = 50

/** How often the waiting connections are counted, in milliseconds. */
const pause = 5

interface Crash {
  /** The members that the crash may have ended. */
  pids: readonly number[]
  /** When it was killed, and how many connections had waited long by then; only for a blocked member. */
  blocked: { killed: number; waiting: number } | null
}

/** Kills under load, again and again; the killed processes are replaced before the next crash. */
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
