import fs from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Claim } from './claim.js'

/**
 * Opens a file so that nobody else can do the same until it is closed, which the system does when a process
 * ends: on macOS O_EXLOCK, open(2); on Windows UV_FS_O_EXLOCK of libuv, which shares the file with nobody.
 */
const exclusive = process.platform === 'win32' ? 0x1000_0000 : 0x20

/** Somebody who looks has the lock for a moment: it is tried so often, with this delay in milliseconds. */
const attempts = 20
const delay = 25

/** Which process manages an app, on macOS and Windows: who has the lock `manager.lock` of its folder. */
class LockedClaim implements Claim {
  readonly #lock: number

  constructor(lock: number) {
    this.#lock = lock
  }

  /** The files stay: to remove a lock is to have two of them. */
  release(): void {
    fs.closeSync(this.#lock)
  }
}

/** Takes an app; gives the pid of its manager where it has one that lives. */
export async function takeLock(folder: string): Promise<Claim | number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lock = open(folder, fs.constants.O_CREAT)
    if (typeof lock === 'number') {
      fs.writeFileSync(pidFile(folder), String(process.pid), { mode: 0o600 })
      return new LockedClaim(lock)
    }
    await setTimeout(delay)
  }
  return pidOf(folder)
}

/** The pid of the manager of the app with this folder; `null` where none lives. */
export function lockingManagerOf(folder: string): number | null {
  const lock = open(folder, 0)
  if (lock === 'locked') return pidOf(folder)
  if (lock !== 'missing') fs.closeSync(lock)
  return null
}

function open(folder: string, flags: number): number | 'locked' | 'missing' {
  const { O_RDWR, O_NONBLOCK = 0 } = fs.constants
  try {
    const file = path.join(folder, 'manager.lock')
    return fs.openSync(file, O_RDWR | O_NONBLOCK | exclusive | flags, 0o600)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // On macOS the first, on Windows the second.
    if (code === 'EAGAIN' || code === 'EBUSY') return 'locked'
    if (code === 'ENOENT') return 'missing'
    throw error
  }
}

function pidFile(folder: string): string {
  return path.join(folder, 'manager.pid')
}

/** 0 where it is not known: it is about to be written. */
function pidOf(folder: string): number {
  try {
    return Number.parseInt(fs.readFileSync(pidFile(folder), 'latin1'), 10) || 0
  } catch {
    return 0
  }
}
