import fs from 'node:fs'
import path from 'node:path'
import type { Claim } from './claim.js'
import { removeFile } from './folder.js'
import { bootId, identify, isAlive, type ProcessIdentity } from './process-identity.js'

/**
 * Which process manages an app, on Linux. A manager has a file `manager.NUMBER` with its identity in the
 * app's folder. The highest number counts, so that if several processes find a dead manager, only one gets
 * the next number.
 */
class NumberedClaim implements Claim {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  release(): void {
    removeFile(this.#file)
  }
}

/** Takes an app. If a manager of it lives, returns the manager's pid. */
export function takeNumber(folder: string): Claim | number {
  const own = path.join(folder, `claim.${process.pid}`)
  fs.writeFileSync(own, JSON.stringify({ boot: bootId(), ...identify(process.pid) }), {
    mode: 0o600,
  })
  try {
    for (;;) {
      const last = lastOf(folder)
      if (last !== null && isManaging(last)) return last.identity.pid
      const file = path.join(folder, `manager.${(last?.number ?? 0) + 1}`)
      if (!link(own, file)) continue
      // Meanwhile, another process may have taken this number and the next, and removed this one again.
      if (lastOf(folder)?.file === file) {
        removeBelow(folder, (last?.number ?? 0) + 1)
        return new NumberedClaim(file)
      }
      fs.rmSync(file, { force: true })
    }
  } finally {
    fs.rmSync(own, { force: true })
  }
}

/** The pid of the manager of the app with this folder; `null` if none lives. */
export function numberedManagerOf(folder: string): number | null {
  const last = lastOf(folder)
  return last !== null && isManaging(last) ? last.identity.pid : null
}

interface Claimed {
  number: number
  file: string
  identity: ProcessIdentity & { boot: string }
}

function isManaging({ identity }: Claimed): boolean {
  return identity.boot === bootId() && isAlive(identity)
}

function numbersIn(folder: string): number[] {
  const names = fs.readdirSync(folder)
  return names.flatMap((name) => {
    const [, number] = /^manager\.(\d{1,15})$/.exec(name) ?? []
    return number === undefined ? [] : [Number(number)]
  })
}

function lastOf(folder: string): Claimed | null {
  const number = Math.max(0, ...numbersIn(folder))
  if (number === 0) return null
  const file = path.join(folder, `manager.${number}`)
  const { pid = 0, startTime = 0, boot = '' } = parse(file)
  return { number, file, identity: { pid, startTime, boot } }
}

function parse(file: string): Partial<ProcessIdentity & { boot: string }> {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return {} // It has just been removed: the process that had it is not a manager.
  }
}

/** Whether the name was free. The file is complete from the first moment. */
function link(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function removeBelow(folder: string, number: number): void {
  for (const one of numbersIn(folder)) {
    if (one < number) fs.rmSync(path.join(folder, `manager.${one}`), { force: true })
  }
}
