import { Failure, wrongUsage } from '../failure.js'
import { type Found, type Program, programsOf } from './members.js'

export interface TargetOptions {
  pid?: number
  port?: number
}

/** The programs that the command is about. */
export interface Target {
  members: Program[]
  /** Programs on the same port that do not use `@reuse`, or are another user's. */
  strangers: Program[]
}

/** Interprets the command line by what there is on the machine. */
export function chooseTarget(
  text: string | undefined,
  { pid, port }: TargetOptions,
  found: Found,
): Target {
  const given = [text, pid, port].filter((one) => one !== undefined)
  if (given.length !== 1) {
    const what = given.length === 0 ? 'Nothing says what to stop' : 'More than one target'
    throw wrongUsage(`${what}: type one of 'reuse stop <target>', --pid <pid> and --port <port>.`)
  }
  if (pid !== undefined) return byPid(pid, found)
  if (port !== undefined) return byPort(port, found)
  return byText(text ?? '', found)
}

function byText(text: string, found: Found): Target {
  const [, colon, digits] = /^(:?)(\d{1,10})$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === undefined || number < 1 || (colon && number > 65_535)) {
    throw wrongUsage(`'${text}' is neither a pid nor a port, and no app of this name is running.`)
  }
  if (colon) return byPort(number, found)
  const isPort = found.members.some(({ port }) => port === number)
  const isPid = found.members.some(({ pid }) => pid === number)
  if (isPort && isPid) {
    throw wrongUsage(
      `${number} is a port with members, and the pid of a member. Type 'reuse stop :${number}' or 'reuse stop --pid ${number}'.`,
    )
  }
  if (isPort) return byPort(number, found)
  if (isPid) return byPid(number, found)
  if (found.strangers.some(({ port }) => port === number)) return byPort(number, found)
  throw new Failure(
    `there is no member on port ${number} to stop, and process ${number} is not a member. 'reuse ls' shows which programs are.`,
  )
}

function byPort(port: number, { members, strangers }: Found): Target {
  const at = programsOf(members.filter((one) => one.port === port))
  const others = strangers.filter((one) => one.port === port)
  if (at.length > 0) return { members: at, strangers: programsOf(others) }
  if (others.length === 0) throw new Failure(`no program listens on port ${port}.`)
  throw new Failure(
    `no program on port ${port} is a member owned by your user. 'reuse ls ${port}' shows which programs are there, 'kill <pid>' ends one of them.`,
  )
}

function byPid(pid: number, { members, strangers }: Found): Target {
  const of = programsOf(members.filter((one) => one.pid === pid))
  if (of.length > 0) return { members: of, strangers: [] }
  const isStranger = strangers.some((one) => one.pid === pid)
  throw new Failure(
    isStranger
      ? `process ${pid} listens, but is not a member owned by your user: 'kill ${pid}' ends it.`
      : `process ${pid} is not a member of any group. 'reuse ls' shows which programs are.`,
  )
}
