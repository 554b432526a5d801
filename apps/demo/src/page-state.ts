import type { Queue } from '@reuse/core'
import type { Press } from './buttons.js'
import type { Group } from './group.js'
import type { Program, ProgramState } from './program.js'
import { describeOutcome, describeSharing } from './sentence.js'
import type { Tally } from './tally.js'

/** What the page shows at one moment. */
export interface PageState {
  groups: GroupView[]
  /** Why there is no second group; `null` if there is one. */
  note: string | null
  press: PressView | null
}

export interface GroupView {
  title: string
  sentence: string
  programs: ProgramView[]
  /** Recent answers per second. */
  perSecond: number
  answered: number
  failed: number
  /** Why they failed, and how many. */
  reasons: string
}

export interface ProgramView {
  name: string
  state: ProgramState
  mishap: string | null
  pid: number | null
  /** Its share of all recent answers: 0 to 1. */
  share: number
  perSecond: number
  answered: number
  /** `null` if the system does not report it. */
  queue: Queue | null
}

export interface PressView {
  what: string
  done: boolean
  outcomes: { title: string; outcome: string }[]
}

/** The parts of a group that are shown. */
export type Shown = Pick<Group, 'side' | 'port' | 'rates' | 'queues'> & {
  programs: readonly Pick<Program, 'name' | 'state' | 'mishap' | 'pid'>[]
}

export function groupView({ side, port, programs, rates, queues }: Shown, tally: Tally): GroupView {
  const listening = programs.filter(({ state }) => state !== 'stopped' && state !== 'starting')
  // A program that has stopped answers nothing, whatever it did a moment ago.
  const rateOf = (name: string): number =>
    listening.some((program) => program.name === name) ? (rates.get(name) ?? 0) : 0
  const perSecond = programs.reduce((sum, { name }) => sum + rateOf(name), 0)
  return {
    title: side.title,
    sentence: `${describeSharing(listening.length, port)} ${side.waiting}`,
    programs: programs.map(({ name, state, mishap, pid }) => ({
      name,
      state,
      mishap,
      pid,
      share: perSecond === 0 ? 0 : rateOf(name) / perSecond,
      perSecond: rateOf(name),
      answered: tally.of(name),
      queue: (pid !== null && queues.get(pid)) || null,
    })),
    perSecond,
    answered: tally.answered,
    failed: tally.failed,
    reasons: tally.reasons,
  }
}

export function pressView({ what, done, tallies }: Press): PressView {
  const outcomes = Array.from(tallies, ([{ side }, tally]) => {
    return { title: side.title, outcome: describeOutcome(tally) }
  })
  return { what, done, outcomes }
}
