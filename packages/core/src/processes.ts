import fs from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { attempt } from './attempt.js'

/** A process that holds a socket. */
export interface Holder {
  pid: number
  /** The executable's name, and the script that it runs: `node server.js`. */
  program: string | null
}

/** A search that pauses now and then, so that whoever must not block can let others run. */
export type Search<T> = Generator<void, T>

/** Runs a search to its end; nothing else runs meanwhile. */
export function searchNow<T>(search: Search<T>): T {
  let step = search.next()
  while (!step.done) step = search.next()
  return step.value
}

/** Runs a search, and lets others run whenever it pauses. */
export async function searchGently<T>(search: Search<T>): Promise<T> {
  let step = search.next()
  while (!step.done) {
    await setImmediate()
    step = search.next()
  }
  return step.value
}

/**
 * Finds the processes that hold the sockets with these inodes, in /proc. Only processes of one's
 * own user can be looked into; the others' sockets have no holder here.
 *
 * Several processes may hold one socket: a supervisor and the worker that inherited it. The last in
 * the list is the one that serves: as the child it has, as a rule, the higher pid.
 */
export function* findHolders(inodes: ReadonlySet<number>): Search<Map<number, Holder[]>> {
  const holders = new Map<number, Holder[]>()
  for (const pid of processIds()) {
    for (const inode of new Set(socketsOf(pid))) {
      if (!inodes.has(inode)) continue
      const holder = { pid, program: programOf(pid) }
      holders.set(inode, [...(holders.get(inode) ?? []), holder])
    }
    yield
  }
  return holders
}

// Processes come and go, and most are not ours: what cannot be read is not there.

function processIds(): number[] {
  const names = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return names.map(Number).sort((a, b) => a - b)
}

function* socketsOf(pid: number): Generator<number> {
  const directory = `/proc/${pid}/fd`
  for (const name of attempt(() => fs.readdirSync(directory)) ?? []) {
    const target = attempt(() => fs.readlinkSync(`${directory}/${name}`))
    const inode = target?.match(/^socket:\[(\d+)\]$/)?.[1]
    if (inode !== undefined) yield Number(inode)
  }
}

/** Options of Node whose value is an argument of its own, and may look like the script. */
const optionsWithValue = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
  '--env-file-if-exists',
  '--openssl-config',
  '--experimental-config-file',
  '--redirect-warnings',
  '--snapshot-blob',
  '--localstorage-file',
  '--tls-keylog',
  '--watch-path',
  '--allow-fs-read',
  '--allow-fs-write',
])

/** Names the program without its other arguments, which may hold secrets. */
export function programOf(pid: number): string | null {
  const executable = attempt(() => fs.readlinkSync(`/proc/${pid}/exe`))
  if (executable === undefined) return null
  const name = path.basename(executable)
  const script = operandsOf(pid).find((operand) => isFile(resolveFor(pid, operand)))
  return script === undefined ? name : `${name} ${script}`
}

/**
 * The real path of the script that a process of Node runs, or of the folder in `node .`; `null`
 * where its command line names none.
 */
export function scriptOf(pid: number): string | null {
  for (const operand of operandsOf(pid)) {
    const file = resolveFor(pid, operand)
    const found = [file, `${file}.js`].find(isFile) ?? (isPackage(file) ? file : undefined)
    if (found !== undefined) return attempt(() => fs.realpathSync(found)) ?? null
  }
  return null
}

/** The arguments of a process that are neither options nor, as far as is known, their values. */
function operandsOf(pid: number): string[] {
  const [, ...arguments_] = commandLine(pid)
  return arguments_.filter((argument, index) => {
    if (argument === '' || argument.startsWith('-')) return false
    return !optionsWithValue.has(arguments_[index - 1] ?? '')
  })
}

function isFile(file: string): boolean {
  return attempt(() => fs.statSync(file).isFile()) === true
}

function isPackage(folder: string): boolean {
  return isFile(`${folder}/package.json`) || isFile(`${folder}/index.js`)
}

function commandLine(pid: number): string[] {
  const line = attempt(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? ''
  const words = line.replace(/\0+$/, '').split('\0')
  // A program that gave itself a title has it all in one word: under PM2 `node /srv/app.js`.
  const [title = ''] = words
  return words.length === 1 ? title.split(' ') : words
}

/** A relative name is meant from the process' own folder. */
function resolveFor(pid: number, file: string): string {
  return path.isAbsolute(file) ? file : `/proc/${pid}/cwd/${file}`
}
