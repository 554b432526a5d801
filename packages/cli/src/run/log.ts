import type { LogLine } from '@reuse/cli'
import { formatLogLine } from '../logs/format.js'
import { note, standard } from '../output/print.js'

export const logFormats = ['text', 'json'] as const

export type LogFormat = (typeof logFormats)[number]

export type Level = 'info' | 'warn' | 'error'

/** What a message is about. */
export interface Subject {
  app?: string
  /** 0 is the canary. */
  worker?: number
  /** Default `info`. */
  level?: Level
}

/** Where `reuse run` says what becomes of apps, and prints what their workers print. */
export interface RunLog {
  say(message: string, about?: Subject): void
  line(app: string, line: LogLine): void
}

export async function openLog(format: LogFormat): Promise<RunLog> {
  return format === 'json' ? openJsonLog() : textLog
}

const textLog: RunLog = {
  say: (message) => note(`reuse: ${message}`),
  line: (app, line) => {
    standard(line.stream).write(`${formatLogLine(app, line)}\n`)
  },
}

/** One line of JSON for each, all on standard output. */
async function openJsonLog(): Promise<RunLog> {
  const { pino } = await import('pino')
  // Without the pid and the host's name, which would be the manager's in what a worker has printed.
  const logger = pino({ base: null }, standard('stdout'))
  return {
    say: (message, { app, worker, level = 'info' } = {}) => {
      logger[level]({ app: app ?? null, worker: worker ?? null, stream: null }, message)
    },
    line: (app, { worker, stream, text }) => {
      const level = stream === 'stdout' ? 'info' : 'warn'
      logger[level]({ app, worker, stream }, text)
    },
  }
}
