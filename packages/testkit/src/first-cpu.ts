import { readFileSync } from 'node:fs'

/** The first processor that this process may use, by the number that taskset takes. Linux only. */
export function firstCpu(): string {
  const status = readFileSync('/proc/self/status', 'latin1')
  const [, first] = /^Cpus_allowed_list:\s*(\d+)/m.exec(status) ?? []
  if (first === undefined) throw new Error('the system does not say which processors it allows')
  return first
}
