import net from 'node:net'
import { builtin } from '../lib/builtin.js'
import { ReuseError } from '../lib/errors.js'
import { show } from '../lib/show.js'
import { type Endpoint, familyOf } from '../socket/address.js'
import { type BindAttempt, failedBindOf } from '../socket/failed-bind.js'
import { tryToBind } from '../socket/try-to-bind.js'
import {
  type Explanation,
  explainFailure,
  explainPort,
  findRivals,
  unknown,
} from './explanation.js'
import { checkPeersOptions, type PeersOptions, parsePlace } from './peers.js'
import { searchGently } from './processes.js'
import { listRivals } from './rivals.js'

/**
 * Says who holds a port, whether it is shared, and what to do about a bind that failed.
 *
 * It takes the 'error' of a server or socket, from `@reuse` or from plain Node, or the port itself. An
 * error describes the situation when it was created; the explanation describes the situation now. To
 * find out whether a TCP port is shared, it binds a socket and closes it at once, without listening.
 *
 * @throws TypeError, RangeError for an invalid port. Every error has an explanation, even if it is only
 * `'unknown'`.
 */
export async function explain(where: PeersOptions | number | string): Promise<Explanation>
export async function explain(error: unknown): Promise<Explanation>
export async function explain(subject: unknown): Promise<Explanation> {
  if (isError(subject)) return explainError(subject)
  if (isPlace(subject)) return explainPlace(checkPeersOptions('explain', subject))
  return unknown(`${show(subject)} is neither an error nor a port.`)
}

function isPlace(subject: unknown): subject is PeersOptions | number | string {
  if (typeof subject === 'number') return true
  if (typeof subject === 'string') return parsePlace(subject) !== null
  return typeof subject === 'object' && subject !== null && 'port' in subject
}

interface ErrorLike {
  code?: unknown
  message?: unknown
  syscall?: unknown
  address?: unknown
  port?: unknown
  cause?: unknown
}

/** An Error, or what is left of one that came from another process. */
function isError(subject: unknown): subject is ErrorLike {
  if (subject instanceof Error) return true
  return typeof subject === 'object' && subject !== null && 'code' in subject
}

async function explainError(error: ErrorLike): Promise<Explanation> {
  // Code that wraps an error keeps it as the cause; so does Node's own error of a UDP socket, which
  // says less. If @reuse has noted the bind, nothing is guessed.
  const chain = [...causes(error)]
  const noted = chain.filter((one) => one instanceof Error && failedBindOf(one) !== undefined)
  for (const one of [...noted, ...chain]) {
    if (one instanceof ReuseError) return explainRefusal(one)
    const bind = bindOf(one)
    if (bind === null) continue
    const explanation = await searchGently(explainFailure(String(one.code), bind))
    if (explanation !== null) return explanation
  }
  return unknown(`This is not the error of a failed bind: ${textOf(error)}.`)
}

function* causes(error: ErrorLike): Generator<ErrorLike> {
  const seen = new Set<ErrorLike>()
  for (let one: unknown = error; isError(one) && !seen.has(one); one = one.cause) {
    seen.add(one)
    yield one
  }
}

async function explainRefusal(error: ReuseError): Promise<Explanation> {
  const bind = failedBindOf(error)
  const rivals = bind === undefined ? null : await searchGently(findRivals(bind))
  return {
    summary: error.message.slice(0, -` ${error.hint}`.length),
    reason: error.code === 'ERR_REUSE_FOREIGN_PROGRAM' ? 'foreign-program' : 'refused',
    advice: error.hint,
    shared: null,
    holders: rivals?.map(({ peer }) => peer) ?? [],
  }
}

/** The bind that an error is about; `null` if it is about none. */
function bindOf(error: ErrorLike): BindAttempt | null {
  const noted = error instanceof Error ? failedBindOf(error) : undefined
  if (noted !== undefined) return noted
  const { syscall, port, address } = error
  if (syscall !== 'listen' && syscall !== 'bind') return null
  if (typeof port !== 'number' || port < 1) return null // A path.
  // Node binds "any" to a dual-stack `::`, and may leave out the address.
  const place = typeof address === 'string' && net.isIP(address) !== 0 ? address : '::'
  return { ...endpoint(place, port, syscall), asked: 'nothing' }
}

function endpoint(address: string, port: number, syscall: 'listen' | 'bind'): Endpoint {
  const place = { address, family: familyOf(address), ipv6Only: false, port }
  const udp: Endpoint = { ...place, protocol: 'udp' }
  const tcp: Endpoint = { ...place, protocol: 'tcp' }
  if (syscall === 'listen') return tcp
  // "bind" means a UDP socket; but Node also says it about the local port of a TCP connection and, in a
  // cluster worker, about a server.
  return !isHeld(udp) && isHeld(tcp) ? tcp : udp
}

function isHeld(place: Endpoint): boolean {
  try {
    return listRivals(place).length > 0
  } catch {
    return false // The system does not say.
  }
}

async function explainPlace({ port, host, protocol = 'tcp' }: PeersOptions): Promise<Explanation> {
  const at = (address: string): Endpoint => {
    return { protocol, address, port, family: familyOf(address), ipv6Only: false }
  }
  if (host === undefined) return searchGently(explainPort(at(widestAddress()), true))
  if (net.isIP(host)) return searchGently(explainPort(at(host), false))
  const [first, ...others] = await builtin.dns().promises.lookup(host, { all: true })
  if (first === undefined) return unknown(`${host} has no address.`)
  const held = others.find(({ address }) => isHeld(at(address)))
  const address = isHeld(at(first.address)) ? first.address : (held ?? first).address
  return searchGently(explainPort(at(address), false))
}

/** What Node binds if no address is given. */
function widestAddress(): string {
  const six = { address: '::', family: 6, port: 0, ipv6Only: false } as const
  return tryToBind(six, 'nothing') === null ? '::' : '0.0.0.0'
}

/** The first line of an error's message, without a full stop at the end. */
function textOf({ message, code }: ErrorLike): string {
  const text = typeof message === 'string' && message !== '' ? message : show(code)
  return (text.split('\n')[0] ?? '').replace(/\.$/, '')
}
