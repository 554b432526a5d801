import { setTimeout } from 'node:timers/promises'
import type { Peer } from '@reuse/core'
import { codeOf, Failure } from '../failure.js'
import { nameProcess } from '../output/names.js'
import type { Program } from './members.js'

/** In seconds: longer than a program of `reuse exec`, or a worker, may take to leave by default. */
export const patience = 40

/** How often the ports are looked at, in milliseconds. */
const interval = 50

/** Sends SIGTERM to each. A program that has ended meanwhile has left. */
export function askToLeave(programs: readonly Program[]): readonly Program[] {
  for (const program of programs) {
    try {
      process.kill(program.pid, 'SIGTERM')
    } catch (error) {
      if (codeOf(error) === 'ESRCH') continue
      throw new Failure(`${nameProcess(program)} cannot be sent SIGTERM: ${codeOf(error)}.`)
    }
  }
  return programs
}

/** Waits until programs have left their ports; returns those that have not when the time is up. */
export async function whoStays(
  programs: readonly Program[],
  seconds: number,
): Promise<readonly Program[]> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const serving = await pidsByPort(new Set(programs.flatMap(({ ports }) => ports)))
    const staying = programs.filter(({ pid, ports }) =>
      ports.some((port) => serving.get(port)?.has(pid)),
    )
    if (staying.length === 0 || performance.now() >= deadline) return staying
    await setTimeout(interval)
  }
}

async function pidsByPort(ports: ReadonlySet<number>): Promise<Map<number, Set<number | null>>> {
  const { peers } = await import('@reuse/core')
  const found = new Map<number, Set<number | null>>()
  for (const port of ports) {
    const both = [peers({ port }), peers({ port, protocol: 'udp' })]
    const all: Peer[] = (await Promise.all(both)).flat()
    found.set(port, new Set(all.map(({ pid }) => pid)))
  }
  return found
}
