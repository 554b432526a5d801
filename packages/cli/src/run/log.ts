import type { LogLine } from '@reuse/cli'
import { formatLogLine } from '../logs/format.js'
import { plural } from '../output/names.js'
import { printable, standard } from '../output/print.js'

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

/** Where `reuse run` says what happens to apps, and prints what their workers print. */
export interface RunLog {
  say(message: string, about?: Subject): void
  line(app: string, line: LogLine): void
}

export async function openLog(format: LogFormat): Promise<RunLog> {
  return format === 'json' ? openJsonLog() : openTextLog()
}

/** How much unread output is kept at most, in bytes. */
const mostUnread = 4 * 2 ** 20

/**
 * Writes to an output whose reader may be slow, or may have stopped reading: lines beyond the limit are left
 * out, so that the workers are looked after all the same.
 *
 * @param tell says how many lines were left out, when there is room again
 */
function boundedWriter(
  stream: NodeJS.WriteStream,
  tell: (count: number) => void,
): (text: string) => void {
  let leftOut = 0
  const tellOfThem = (): void => {
    const count = leftOut
    leftOut = 0
    if (count > 0) tell(count)
  }
  stream.on('drain', tellOfThem)
  return (text) => {
    if (stream.writableLength > mostUnread) {
      leftOut++
      return
    }
    tellOfThem()
    stream.write(text)
  }
}

function leftOut(count: number): string {
  return `${count} ${plural(count, 'line was', 'lines were')} left out because nobody read the output before them`
}

function openTextLog(): RunLog {
  const tell = (count: number): void => say(leftOut(count))
  const write = {
    stdout: boundedWriter(standard('stdout'), tell),
    stderr: boundedWriter(standard('stderr'), tell),
  }
  const say = (message: string): void => write.stderr(`reuse: ${printable(message)}\n`)
  return {
    say,
    line: (app, line) => write[line.stream](`${formatLogLine(app, line)}\n`),
  }
}

/** One line of JSON for each message or line, all on standard output. */
async function openJsonLog(): Promise<RunLog> {
  const { pino } = await import('pino')
  const write = boundedWriter(standard('stdout'), (count) => {
    logger.warn({ app: null, worker: null, stream: null }, leftOut(count))
  })
  // Without the pid and the host name, which would be the manager's even for what a worker has printed.
  const logger = pino({ base: null }, { write })
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
