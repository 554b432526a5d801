import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { SuperviseError } from '../supervise-error.js'
import { ownUid } from '../users.js'

const isWindows = process.platform === 'win32'

/** The longest path of a Unix socket: unix(7), and unix(4) of macOS. */
const longestSocketPath = process.platform === 'darwin' ? 103 : 107

/**
 * The control socket of the app with this folder. On Windows it is a named pipe, to which this user and
 * administrators can write.
 */
export function controlPath(folder: string): string {
  if (!isWindows) return path.join(folder, 'control')
  // The name of a pipe can contain everything but backslashes.
  return `\\\\.\\pipe\\reuse ${encodeURIComponent(folder.toLowerCase())}`
}

/** The folder that contains the folders of this user's apps. It may not exist yet. */
function root(): string {
  if (isWindows) return path.join(localData(), 'reuse')
  const uid = ownUid()
  const runtime = process.env.XDG_RUNTIME_DIR
  // `su` keeps the variable of the previous user.
  const isOwn = runtime !== undefined && path.isAbsolute(runtime) && statOf(runtime)?.uid === uid
  return isOwn ? path.join(runtime, 'reuse') : path.join(os.tmpdir(), `reuse-${uid}`)
}

/** On Windows: a folder that only this user and administrators can enter. */
function localData(): string {
  return process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local')
}

function statOf(file: string): fs.Stats | undefined {
  return fs.lstatSync(file, { throwIfNoEntry: false })
}

/** Where an app's folder is, or would be. */
export function folderOf(app: string): string {
  return path.join(root(), app)
}

/**
 * Makes the folder of an app, for this user only.
 *
 * @throws SuperviseError `ERR_SUPERVISE_STATE` if it is not safe, or cannot be made
 */
export function makeFolder(app: string): string {
  const folder = folderOf(app)
  const socket = controlPath(folder)
  if (!isWindows && Buffer.byteLength(socket) > longestSocketPath) {
    throw stateError(
      `${socket} is too long for a Unix socket: set XDG_RUNTIME_DIR to a shorter path`,
    )
  }
  for (const one of [root(), folder]) {
    try {
      fs.mkdirSync(one, { mode: 0o700 })
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw stateError(`${one} cannot be created`, error)
    }
    requireOwn(one)
  }
  return folder
}

/** Removes a file, if it and its folder exist. */
export function removeFile(file: string): void {
  try {
    fs.rmSync(file, { force: true })
  } catch {
    // Somebody has put something else in the folder's place.
  }
}

/** In /tmp, systemd removes what nobody has touched for days. */
export function keepFresh(folder: string): void {
  const now = new Date()
  try {
    for (const name of fs.readdirSync(folder)) fs.utimesSync(path.join(folder, name), now, now)
  } catch {
    // A file has just been removed: the next call refreshes the rest.
  }
}

/** The apps that have a folder. */
export function listFolders(): string[] {
  const folder = root()
  if (statOf(folder) === undefined) return []
  requireOwn(folder)
  return fs.readdirSync(folder).sort()
}

/**
 * In /tmp, anybody could have made the folder: as a link to another place, or to read what is in it.
 *
 * @throws SuperviseError `ERR_SUPERVISE_STATE`
 */
export function requireOwn(folder: string): void {
  const stat = statOf(folder)
  if (stat === undefined) throw stateError(`${folder} has just been removed: try again`)
  if (!stat.isDirectory()) throw stateError(`${folder} is not a folder: remove it`)
  if (isWindows) return // Windows has neither owner nor mode: the parent folder decides who may enter.
  if (stat.uid !== ownUid()) {
    throw stateError(
      `${folder} belongs to user ${stat.uid}: set XDG_RUNTIME_DIR to a folder of your own`,
    )
  }
  if ((stat.mode & 0o077) !== 0) {
    throw stateError(
      `${folder} is open to other users: run 'chmod 700 ${folder}' if it is yours alone`,
    )
  }
}

function stateError(message: string, cause?: unknown): SuperviseError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new SuperviseError('ERR_SUPERVISE_STATE', `${message}${reason}`, { cause })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
