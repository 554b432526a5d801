import fs from 'node:fs'
import path from 'node:path'
import { removeFile } from './folder.js'
import { bootId, isAlive } from './process-identity.js'

/** A worker, saved so that the next manager finds it. */
export interface SavedWorker {
  id: number
  slot: number
  version: number
  pid: number
  startTime: number
  isReady: boolean
  /** What it is; see `definitionOf`. */
  definition: string
  /** Whether processes that it leaves behind should live on; earlier managers did not save this. */
  keepsGroup?: boolean
  /** Whether it was asked to end: a second signal would end it at once. Earlier managers did not save this. */
  isLeaving?: boolean
}

/** What a manager leaves to the next one. */
export interface SavedState {
  /** Which version of the app is the newest: each reload adds one. */
  version: number
  workers: SavedWorker[]
}

/** More slots than an app can have. */
const mostSlots = 1000

/** A file of another format has another name, so that no version of this package misreads it. */
const name = 'state.1.json'

/** Replaces the file atomically: a reader finds the old state or the new one. */
export function writeState(folder: string, state: SavedState): void {
  const file = path.join(folder, name)
  const next = `${file}.${process.pid}`
  fs.writeFileSync(next, JSON.stringify({ boot: bootId(), ...state }), { mode: 0o600 })
  fs.renameSync(next, file)
}

export function removeState(folder: string): void {
  removeFile(path.join(folder, name))
}

/** What the former manager has left, with the workers that still live; `null` if there is nothing. */
export function readState(folder: string): SavedState | null {
  const saved = parse(folder)
  if (!isState(saved) || saved.boot !== bootId()) return null
  const { version, workers } = saved
  return { version, workers: workers.filter(isAlive) }
}

function parse(folder: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))
  } catch {
    return null // There is no such file, or it is not from this package.
  }
}

function isState(value: unknown): value is SavedState & { boot: string } {
  return (
    isObject(value) &&
    typeof value.boot === 'string' &&
    isCount(value.version) &&
    Array.isArray(value.workers) &&
    value.workers.every(isWorker)
  )
}

function isWorker(value: unknown): value is SavedWorker {
  return (
    isObject(value) &&
    [value.id, value.version, value.pid, value.startTime].every(isCount) &&
    isSlot(value.slot) &&
    typeof value.definition === 'string' &&
    typeof value.isReady === 'boolean' &&
    [value.keepsGroup, value.isLeaving].every(isOptionalBoolean)
  )
}

function isOptionalBoolean(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}

/** A canary's slot is 0. */
function isSlot(value: unknown): boolean {
  return value === 0 || (isCount(value) && value <= mostSlots)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}
