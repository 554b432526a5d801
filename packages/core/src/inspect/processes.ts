import fs from 'node:fs'
import path from 'node:path'
import { attempt } from '../lib/attempt.js'
import { builtin } from '../lib/builtin.js'

/** A process that holds a socket. */
export interface Holder {
  pid: number
  /** The executable's name, and the script that it runs: `node server.js`. */
  program: string | null
}

/** A search that pauses now and then, so that a caller that must not block can let other code run. */
export type Search<T> = Generator<void, T>

/** Runs a search to its end; nothing else runs meanwhile. */
export function searchNow<T>(search: Search<T>): T {
  let step = search.next()
  while (!step.done) step = search.next()
  return step.value
}

/** Runs a search, and lets other code run whenever it pauses. */
export async function searchGently<T>(search: Search<T>): Promise<T> {
  let step = search.next()
  while (!step.done) {
    await builtin.timers().setImmediate()
    step = search.next()
  }
  return step.value
}

/**
 * Finds the processes that hold the sockets with these inodes, in /proc. Only processes of the
 * current user can be inspected; other users' sockets have no holder here.
 *
 * Several processes may hold one socket, such as a supervisor and the worker that inherited it. The
 * last in the list is the one that serves: as the child, it usually has the higher pid.
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

// Processes come and go, and most are not ours: what cannot be read counts as absent.

function processIds(): number[] {
  const names = attempt(() => fs.readdirSync('/proc')) ?? [] // A chroot may be without it.
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

function socketsOf(pid: number): number[] {
  return descriptorsOf(pid).map(({ inode }) => inode)
}

function descriptorsOf(pid: number): { descriptor: number; inode: number }[] {
  const directory = `/proc/${pid}/fd`
  return (attempt(() => fs.readdirSync(directory)) ?? []).flatMap((name) => {
    const target = attempt(() => fs.readlinkSync(`${directory}/${name}`))
    const inode = target?.match(/^socket:\[(\d+)\]$/)?.[1]
    return inode === undefined ? [] : { descriptor: Number(name), inode: Number(inode) }
  })
}

/** The descriptor under which a process has a socket; `null` if it has none, or cannot be inspected. */
export function descriptorOf(pid: number, inode: number): number | null {
  return descriptorsOf(pid).find((one) => one.inode === inode)?.descriptor ?? null
}

/** Options of Node whose value is a separate argument, which may look like the script. */
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
  const name = nameOf(pid, executable)
  const script = operandsOf(pid).find((operand) => isFile(resolveFor(pid, operand)))
  return script === undefined ? name : `${name} ${script}`
}

/**
 * The real path of the script that a Node process runs, or of the folder in `node .`; `null` if its
 * command line names none.
 */
export function scriptOf(pid: number): string | null {
  for (const operand of operandsOf(pid)) {
    const file = resolveFor(pid, operand)
    const found = [file, `${file}.js`].find(isFile) ?? (isPackage(file) ? file : undefined)
    if (found !== undefined) return attempt(() => fs.realpathSync(found)) ?? null
  }
  return null
}

/** What `reuse exec` puts before the command that it starts, and what is a member in its place. */
const launcher = 'reuse-exec'

/** The executable's name; for a launcher, the name of the program that it has started. */
function nameOf(pid: number, executable: string): string {
  const name = path.basename(executable)
  const [command] = name === launcher ? commandLine(pid) : []
  return command === undefined ? name : path.basename(command)
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
  const separator = words[0] === launcher ? words.indexOf('--') : -1
  if (separator !== -1) return words.slice(separator + 1)
  // If a program has given itself a title, all of it is in one word: under PM2 `node /srv/app.js`.
  const [title = ''] = words
  return words.length === 1 ? title.split(' ') : words
}

/** A relative name is relative to the process' working directory. */
function resolveFor(pid: number, file: string): string {
  return path.isAbsolute(file) ? file : `/proc/${pid}/cwd/${file}`
}

/** Whether a process with this id exists, of any user, even if it has ended and was not waited for. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
