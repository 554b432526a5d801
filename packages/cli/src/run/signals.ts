import fs from 'node:fs'
import type { Supervisor } from '@reuse/cli'
import type { RunLog } from './log.js'

/** What signals ask of a manager. */
export interface Signals {
  /** Whether a signal has asked to stop. */
  readonly isStopping: boolean
  /** Whether a second signal had the workers killed. */
  readonly hasKilled: boolean
}

/**
 * How long a signal that comes again counts as the same one, in milliseconds: npm passes on the signals that
 * it gets from a terminal, and this process has got them from there too.
 */
const echoTime = 1000

/**
 * SIGHUP reloads; SIGTERM, SIGINT and SIGQUIT stop, and kill when they come again; SIGUSR2 is for the workers.
 *
 * @param supervisors those that have been started when a signal comes
 */
export function handleSignals(supervisors: readonly Supervisor[], log: RunLog): Signals {
  return new SignalHandler(supervisors, log)
}

class SignalHandler implements Signals {
  isStopping = false
  hasKilled = false
  readonly #supervisors: readonly Supervisor[]
  readonly #log: RunLog
  readonly #hadTerminal = process.stdin.isTTY === true
  #stoppedBy = { signal: '', at: 0 }

  constructor(supervisors: readonly Supervisor[], log: RunLog) {
    this.#log = log
    this.#supervisors = supervisors
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => this.#stop(signal))
    }
    process.on('SIGHUP', () => this.#onHangUp())
    process.on('SIGUSR2', () => {
      for (const supervisor of this.#supervisors) supervisor.signal('SIGUSR2')
    })
  }

  #stop(signal: NodeJS.Signals): void {
    if (this.isStopping) {
      const { signal: first, at } = this.#stoppedBy
      if (signal === first && performance.now() - at < echoTime) return
      this.#log.say(`${signal} again: the workers are killed`)
      this.hasKilled = true
      for (const supervisor of this.#supervisors) supervisor.kill()
      return
    }
    this.isStopping = true
    this.#stoppedBy = { signal, at: performance.now() }
    this.#log.say(`${signal}: the workers are leaving; a second signal kills them`)
    for (const supervisor of this.#supervisors) supervisor.stop()
  }

  #onHangUp(): void {
    if (this.isStopping) return
    // A terminal that is closed sends the same signal as a user who asks for a reload.
    if (this.#hadTerminal && !hasTerminal()) {
      this.#stop('SIGHUP')
      return
    }
    this.#log.say('SIGHUP: reloading')
    for (const supervisor of this.#supervisors) {
      supervisor.reload().catch(() => {}) // The report says so.
    }
  }
}

/** Whether the terminal of this session is still there. */
function hasTerminal(): boolean {
  try {
    fs.closeSync(fs.openSync('/dev/tty', fs.constants.O_RDWR | fs.constants.O_NOCTTY))
    return true
  } catch {
    return false
  }
}
