import type { Queue } from '@reuse/core'
import type { Program, ProgramState } from './program.js'
import { describeSharing } from './sentence.js'
import type { Tally } from './tally.js'

/** What the page shows at one moment. */
export interface PageState {
  port: number
  sentence: string
  programs: ProgramView[]
  /** Answers a second, lately. */
  perSecond: number
  answered: number
  failed: number
  lastFailure: string | null
}

export interface ProgramView {
  name: string
  state: ProgramState
  mishap: string | null
  pid: number | null
  /** Its part of all answers, lately: 0 to 1. */
  share: number
  perSecond: number
  answered: number
  /** `null` where the system does not tell. */
  queue: Queue | null
}

export interface Observations {
  port: number
  programs: readonly Pick<Program, 'name' | 'state' | 'mishap' | 'pid'>[]
  tally: Pick<Tally, 'of' | 'answered' | 'failed' | 'lastFailure'>
  /** Answers a second, lately, by program. */
  rates: ReadonlyMap<string, number>
  /** By pid. */
  queues: ReadonlyMap<number, Queue>
}

export function pageState({ port, programs, tally, rates, queues }: Observations): PageState {
  const perSecond = [...rates.values()].reduce((sum, rate) => sum + rate, 0)
  const running = programs.filter(({ state }) => state === 'running').length
  return {
    port,
    sentence: describeSharing(running, port),
    programs: programs.map(({ name, state, mishap, pid }) => {
      const rate = rates.get(name) ?? 0
      return {
        name,
        state,
        mishap,
        pid,
        share: perSecond === 0 ? 0 : rate / perSecond,
        perSecond: rate,
        answered: tally.of(name),
        queue: (pid !== null && queues.get(pid)) || null,
      }
    }),
    perSecond,
    answered: tally.answered,
    failed: tally.failed,
    lastFailure: tally.lastFailure,
  }
}
