import { printable } from './print.js'

/** A process in a sentence: `node server.js (pid 4711)`. */
export function nameProcess({ pid, program }: { pid: number; program: string | null }): string {
  return printable(`${program ?? 'a program'} (pid ${pid})`)
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function formatAddress({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** `a`, `a and b`, `a, b and c`. */
export function join(names: readonly (string | number)[]): string {
  const last = String(names.at(-1) ?? '')
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

export function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many
}

/** A worker of an app, by its number: a canary has 0. */
export function workerName(number: number): string {
  return number === 0 ? 'canary' : String(number)
}

/** `node server.js in 4 threads`. */
export function inThreads(program: string, threads: number): string {
  return `${program} in ${threads} ${plural(threads, 'thread', 'threads')}`
}
