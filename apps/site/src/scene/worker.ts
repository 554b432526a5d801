/**
 * - `serving`: accepts and answers
 * - `stalled`: its event loop is busy with something else, for a while
 * - `leaving`: has closed its listener and answers what it has accepted
 * - `gone`: has no process; it is started again after a while
 */
export type WorkerState = 'serving' | 'stalled' | 'leaving' | 'gone'

/** What can be done to a worker, and in which states. */
const actions = {
  restart: ['serving'],
  kill: ['serving', 'stalled'],
  stall: ['serving'],
} satisfies Record<string, readonly WorkerState[]>

export type Action = keyof typeof actions

export function isPossible(action: Action, state: WorkerState | undefined): boolean {
  return actions[action].some((possible) => possible === state)
}

export interface Connection {
  readonly id: number
  /** When it arrived where it is. */
  since: number
}

/** The place of one worker: its processes, one after another. */
export interface Worker {
  readonly place: number
  state: WorkerState
  /** The name of its process in the group. */
  id: string
  /** When it leaves `stalled` or `gone` by itself. */
  until: number
  /** What it has accepted; it works on the first one. */
  readonly accepted: Connection[]
  /** When the first one is answered. */
  busyUntil: number
}

/** Whether its process is a member of the group. */
export function isMember({ state }: Worker): boolean {
  return state === 'serving' || state === 'stalled'
}
