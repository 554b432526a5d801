import fs from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Listener, listListeners, retireListener } from '@reuse/core/group'
import { descendsFrom } from '../state/process-tree.js'
import { hasConnections } from './connections.js'

/** The first descriptor that the launcher passes. */
export const firstPassed = 3

/** How often to check what the program still has, in milliseconds. */
const interval = 10

/** In milliseconds. */
export interface Times {
  /** How long a listener may take to be emptied. */
  leave: number
  /** How long the connections that the program has accepted from it may take to end. */
  drain: number
}

/** Takes the program's listeners out of their groups, and tells the launcher when the program may end. */
export async function retireAll(count: number, times: Times): Promise<void> {
  let hasEnded = false
  process.stdin.resume().once('end', () => {
    hasEnded = true // The launcher closes the other end when the program ends.
  })
  let left = count
  let tellAll = (): void => {}
  const allEmpty = new Promise<void>((resolve) => {
    tellAll = resolve
  })
  const oneIsEmpty = (): void => {
    left--
    if (left > 0) return
    process.stdout.write('empty\n')
    tellAll()
  }
  const retireOne = async (listener: number): Promise<void> => {
    let isEmpty = false
    const whenEmpty = async (): Promise<void> => {
      if (isEmpty) return
      isEmpty = true
      await drained(listener, times.drain)
      oneIsEmpty()
      await allEmpty
      while (!hasEnded && (await programsOf(listener)).length > 0) await setTimeout(interval)
    }
    try {
      await retireListener(listener, { leaveTimeout: times.leave, whenEmpty })
    } catch (error) {
      process.stderr.write(`reuse exec: a listener cannot be removed from its group: ${error}\n`)
    }
    if (!isEmpty) oneIsEmpty() // It could not be emptied, so nothing should wait for it.
  }
  await Promise.all(Array.from({ length: count }, (_, index) => retireOne(firstPassed + index)))
}

/** Waits until the connections that the program has accepted have ended, or the time is up. */
async function drained(listener: number, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds
  const port = (await listedAs(listener))?.port
  if (port === undefined) return
  while (performance.now() < deadline) {
    if (!hasConnections(port, await programsOf(listener, port))) return
    await setTimeout(interval)
  }
}

/** The processes of the program that have a listener open: they descend from this process' parent. */
async function programsOf(listener: number, port?: number): Promise<number[]> {
  const found = await listedAs(listener, port)
  if (found === undefined) return []
  const pids = [found.pid ?? 0, ...found.holders]
  return pids.filter((pid) => pid !== process.pid && descendsFrom(pid, process.ppid))
}

/** @param port if it is known, not all sockets of the system have to be looked at */
async function listedAs(listener: number, port?: number): Promise<Listener | undefined> {
  const { ino } = fs.fstatSync(listener)
  const listeners = await listListeners({ protocol: 'tcp', port })
  return listeners.find(({ inode }) => inode === ino)
}
