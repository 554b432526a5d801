/** What a server's `listen` or a UDP socket's `bind` asks the primary for, in a cluster worker. */
export interface PrimaryQuery {
  address: string | null
  port: number
  /** -1 for a path. */
  addressType: number | 'udp4' | 'udp6'
  backlog?: number | undefined
  fd?: number | string | null | undefined
  flags?: number | undefined
}

/** Takes the answer: libuv's negative error number or 0, and a handle. */
export type Answer = (errno: number, handle: unknown) => void

/** Node's `cluster._getServer`. */
export type AskPrimary = (target: object, query: PrimaryQuery, answer: Answer) => void

/** From libuv's public interface, uv.h: UV_TCP_IPV6ONLY and UV_UDP_IPV6ONLY are the same number. */
export const IPV6ONLY = 1
