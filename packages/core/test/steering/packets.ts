/** Packets as a steering program sees them: from the IP header on, with the payload marked. */
import net from 'node:net'

export interface Packet {
  bytes: Uint8Array
  /** Where the bytes behind the TCP or UDP header begin. */
  payload: number
}

export interface PacketOptions {
  protocol?: 'tcp' | 'udp'
  source: string
  port?: number
  payload?: readonly number[]
  /** How many bytes of IPv4 options, or of IPv6 extension headers, come before the port. */
  extra?: number
}

const numbers = { tcp: 6, udp: 17 }
const headers = { tcp: 20, udp: 8 }

export function packet({
  protocol = 'tcp',
  source,
  port = 40_000,
  payload = [],
  extra = 0,
}: PacketOptions): Packet {
  const ipv4 = net.isIPv4(source)
  const transport = (ipv4 ? 20 : 40) + extra
  const start = transport + headers[protocol]
  // What no program should read is not 0, so that a read of it shows.
  const bytes = new Uint8Array(start + payload.length).fill(0xee)
  if (ipv4) {
    bytes[0] = 0x40 | (transport / 4)
    bytes[9] = numbers[protocol]
    bytes.set(addressBytes(source), 12)
  } else {
    bytes[0] = 0x60
    bytes[6] = extra === 0 ? numbers[protocol] : 60 // 60: destination options.
    bytes.set(addressBytes(source), 8)
  }
  bytes[transport] = port >> 8
  bytes[transport + 1] = port & 0xff
  bytes.set(payload, start)
  return { bytes, payload: start }
}

function addressBytes(address: string): number[] {
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0]
  if (dotted === address) return dotted.split('.').map(Number)
  if (dotted !== undefined) {
    return [
      ...addressBytes(`${address.slice(0, -dotted.length)}0:0`).slice(0, 12),
      ...addressBytes(dotted),
    ]
  }
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
