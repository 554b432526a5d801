import { parseArgs } from 'node:util'

export const usage = `npm start [-- --once]

Three programs, one Fastify, one Express, one Koa, share one port, and a client shows who answers.

  --once   print the table and end: 0, or 1 if a program got nothing
  --help   print this

  PORT     environment variable: the port to share; default: 3000, or the next free one`

export interface Options {
  once: boolean
  help: boolean
  /** The port that was asked for; without one, any will do. */
  port?: number
}

/** The command line, or the environment, asks for something that the demo cannot do. */
export class UsageError extends Error {}

export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { once, help } = readArguments(args)
  // An empty variable is the shell's way to say "none".
  return env.PORT ? { once, help, port: readPort(env.PORT) } : { once, help }
}

function readArguments(args: string[]): { once: boolean; help: boolean } {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ args, options: { once: flag, help: { ...flag, short: 'h' } } }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [sentence] = error.message.split('. ') // The rest is advice on positional arguments.
    throw new UsageError(`${sentence}. Known are --once and --help.`)
  }
}

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (port >= 1 && port <= 65535) return port
  throw new UsageError(`PORT must be an integer from 1 to 65535, got "${text}".`)
}
