import type { Protocol, Where } from '../arguments.js'
import { formatAddress } from '../output/names.js'
import { findSockets } from './sockets.js'

/** Says that no program is there, and whether one is there with the other protocol. */
export async function absence(protocol: Protocol, where?: Where): Promise<string> {
  const tcp = protocol === 'tcp'
  if (where === undefined) return tcp ? 'no program listens.' : 'there is no UDP socket.'
  const { port, host } = where
  const place = host === undefined ? `port ${port}` : formatAddress({ address: host, port })
  const said = tcp ? `no program listens on TCP ${place}.` : `no UDP socket is bound to ${place}.`
  const others = await findSockets({ protocol: tcp ? 'udp' : 'tcp', ...where })
  if (others.length === 0) return said
  const remedy = tcp
    ? 'A UDP socket is bound to it: add --udp.'
    : 'A TCP listener has it: leave out --udp.'
  return `${said} ${remedy}`
}
