import dns from 'node:dns'
import os from 'node:os'

/** Both loopback addresses, as `localhost` has them on most machines. */
export const loopback = ['127.0.0.1', '::1'] as const

const own = Object.values(os.networkInterfaces()).flatMap((all) => all ?? [])

/** A reason to skip, if this machine lacks one of them. */
export const needsBoth = {
  skip: !own.some(({ address }) => address === '::1') && 'this machine has no ::1',
}

/**
 * Makes `localhost` stand for both loopback addresses in this process, whatever the machine's settings are.
 * Fastify and Node look it up by the property of `node:dns`.
 */
export function resolveLocalhostToBoth(): void {
  const { lookup } = dns
  const both = loopback.map((address) => ({ address, family: address === '::1' ? 6 : 4 }))

  const replacement = (hostname: string, ...rest: unknown[]): void => {
    const [options] = rest
    const callback = rest.at(-1)
    if (hostname !== 'localhost' || typeof callback !== 'function') {
      Reflect.apply(lookup, dns, [hostname, ...rest])
      return
    }
    const all = typeof options === 'object' && options !== null && 'all' in options && options.all
    process.nextTick(() => (all ? callback(null, both) : callback(null, loopback[0], 4)))
  }
  Object.assign(dns, { lookup: replacement })
}
