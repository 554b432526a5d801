import fs from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Claim } from './claim.js'

/**
 * Opens a file so that nobody else can open it in the same way until it is closed, which the system does when
 * the process ends: on macOS O_EXLOCK, open(2); on Windows UV_FS_O_EXLOCK of libuv, which shares the file
 * with nobody.
 */
const exclusive = process.platform === 'win32' ? 0x1000_0000 : 0x20

/** A process that looks has the lock for a moment: how often to try, and with which delay in milliseconds. */
const attempts = 20
const delay = 25

/** Which process manages an app, on macOS and Windows: the one with the lock `manager.lock` in its folder. */
class LockedClaim implements Claim {
  readonly #lock: number

  constructor(lock: number) {
    this.#lock = lock
  }

  /** The files stay: if a lock file were removed, two processes could each have the lock. */
  release(): void {
    fs.closeSync(this.#lock)
  }
}

/** Takes an app. If a manager of it lives, resolves to the manager's pid. */
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

/** The pid of the manager of the app with this folder; `null` if none lives. */
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

/** 0 if it is not known: it is about to be written. */
function pidOf(folder: string): number {
  try {
    return Number.parseInt(fs.readFileSync(pidFile(folder), 'latin1'), 10) || 0
  } catch {
    return 0
  }
}
