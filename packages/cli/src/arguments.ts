/** What can be typed on the command line, and what it means. */
import type { GroupPolicy } from '@reuse/core/group'
import { InvalidArgumentError, Option } from 'commander'
import { policyForms, policyNames } from './policy.js'
import { mostInstances } from './supervisor/options.js'

export type Protocol = 'tcp' | 'udp'

/** A port, optionally of one address or host name. */
export interface Where {
  port: number
  host?: string
}

/** Options that many commands have. */
export interface CommonOptions {
  udp?: boolean
  json?: boolean
}

/** Options of commands that can act on several apps at once. */
export interface SeveralOptions {
  config?: string
  json?: boolean
}

export function configOption(): Option {
  return new Option('-c, --config <file>', 'the apps of this file: all, or those that are named')
}

export function protocolOf({ udp }: CommonOptions): Protocol {
  return udp ? 'udp' : 'tcp'
}

export function parsePort(text: string): number {
  const port = Number(text.replace(/^:/, ''))
  if (!/^:?\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('A port is a number from 1 to 65535.')
  }
  return port
}

export function parsePid(text: string): number {
  const pid = Number(text)
  if (!/^\d+$/.test(text) || pid < 1 || pid >= 2 ** 31) {
    throw new InvalidArgumentError('A pid is a number from 1.')
  }
  return pid
}

/** `3000`, `:3000`, `localhost:3000`, `127.0.0.1:3000`, `[::1]:3000`. */
export function parseWhere(text: string): Where {
  const [, bracketed, name, port] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+))?:)?(\d+)$/.exec(text) ?? []
  if (port === undefined) {
    throw new InvalidArgumentError(
      'Type a port, or an address and a port: 3000, localhost:3000, [::1]:3000.',
    )
  }
  const host = bracketed ?? name
  return { port: parsePort(port), ...(host === undefined ? {} : { host }) }
}

export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 86_400) {
    throw new InvalidArgumentError('Type a number of seconds, up to 86400.')
  }
  return seconds
}

/** How many workers: `4`, or `auto`. */
export function parseInstances(text: string): number | 'auto' {
  const instances = Number(text)
  if (text === 'auto') return text
  if (!/^\d+$/.test(text) || instances < 1 || instances > mostInstances) {
    throw new InvalidArgumentError(`Type a number from 1 to ${mostInstances}, or auto.`)
  }
  return instances
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Type a number.')
  return Number(text)
}

/** Words with spaces between them. */
export function parseWords(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '')
  if (words.length > 0) return words
  throw new InvalidArgumentError('Type one or more, with spaces between them.')
}

/** Returns bytes. */
export function parseMebibytes(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Type a number of MiB, from 1.')
  return Number(text) * 2 ** 20
}

/** `5%` or `5`; returns 0.05. */
export function parsePercent(text: string): number {
  const [, number] = /^(\d*\.?\d+)%?$/.exec(text) ?? []
  const percent = Number(number)
  if (number === undefined || percent < 0.1 || percent > 50) {
    throw new InvalidArgumentError('Type a percentage from 0.1% to 50%.')
  }
  return percent / 100
}

/** The highest offset at which a datagram's payload can end. */
const endOfDatagram = 65_527

/** Accepts the forms that `policyForms` lists. */
export function parsePolicy(text: string): GroupPolicy {
  const name = policyNames.find((one) => one === text)
  if (name !== undefined) return name
  const [, offset, length] = /^payload:(\d{1,5}):([1-8])$/.exec(text) ?? []
  const payload = { offset: Number(offset), length: Number(length) }
  if (offset === undefined || payload.offset + payload.length > endOfDatagram) {
    throw new InvalidArgumentError(
      `A policy is one of ${policyForms}; OFFSET is 0 or more, LENGTH 1 to 8.`,
    )
  }
  return { payload }
}
