import os from 'node:os'
import { formatAddress, overlap, type Place } from './address.js'
import type { Protocol } from './native.js'
import { listSockets } from './peers.js'
import { capabilities } from './platform.js'
import { findHolders } from './processes.js'

/** The bind that failed. */
export interface FailedBind extends Place {
  protocol: Protocol
  port: number
  exclusive: boolean
}

/** One or two sentences about a bind that failed: why, and what to do. */
export function bindHint(code: string, bind: FailedBind): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return addressInUse(bind)
    case 'EADDRNOTAVAIL': {
      const own = Object.values(os.networkInterfaces()).flatMap((all) => all ?? [])
      const list = own.map(({ address }) => address).join(', ')
      return `${bind.address} is not an address of this machine, which has ${list}.`
    }
    case 'EACCES':
      return `This user may not bind port ${bind.port}: choose one above 1023, or grant CAP_NET_BIND_SERVICE.`
    default:
      return undefined
  }
}

function addressInUse(bind: FailedBind): string {
  const where = formatAddress(bind.address, bind.port)
  const holders = describeHolders(bind)
  if (holders === undefined) {
    return `Another socket holds ${where} and does not share it. Stop it, let it share, or choose another port.`
  }
  if (bind.exclusive) {
    return `${holders.text}, and an exclusive socket shares with nobody. Stop it, or choose another port.`
  }
  const uid = process.geteuid?.()
  if (holders.uids.some((other) => other !== uid)) {
    return `${holders.text}. Only sockets of one user may share a port, and this process runs as uid ${uid}: run both as one user, or choose another port.`
  }
  return `${holders.text} and does not share it. Start it with @reuse (or SO_REUSEPORT) too, stop it, or choose another port.`
}

/** Who stands in the way, as far as the system tells. */
function describeHolders(bind: FailedBind): { text: string; uids: number[] } | undefined {
  if (!capabilities.peers) return undefined
  let entries: ReturnType<typeof listSockets>
  try {
    entries = listSockets(bind.protocol, bind.port)
  } catch {
    return undefined // The hint is an extra: the bind's own error must come through.
  }
  const inTheWay = entries.filter((entry) => overlap(entry, bind))
  const [first] = inTheWay
  if (first === undefined) return undefined

  const search = findHolders(new Set(inTheWay.map((entry) => entry.inode)))
  let step = search.next()
  while (!step.done) step = search.next()
  const holder = step.value.get(first.inode)

  const name =
    holder === undefined
      ? `A program of uid ${first.uid}`
      : `${holder.program ?? 'A program'} (pid ${holder.pid}, uid ${first.uid})`
  const others = inTheWay.length > 1 ? `, with ${inTheWay.length - 1} more,` : ''
  return {
    text: `${name}${others} holds ${formatAddress(first.address, first.port)}`,
    uids: inTheWay.map((entry) => entry.uid),
  }
}
