import fs from 'node:fs'
import path from 'node:path'

/** A process that holds a socket. */
export interface Holder {
  pid: number
  /** The executable's name, and the script that it runs: `node server.js`. */
  program: string | null
}

/**
 * Finds the processes that hold the sockets with these inodes, in /proc. Only processes of one's
 * own user can be looked into; the others' sockets have no holder here.
 *
 * It pauses after each process, so that a caller who must not block can let others run.
 */
export function* findHolders(inodes: ReadonlySet<number>): Generator<void, Map<number, Holder>> {
  const holders = new Map<number, Holder>()
  for (const pid of processIds()) {
    for (const inode of socketsOf(pid)) {
      // Several processes may hold one socket: a supervisor and the worker that inherited it. The
      // worker is the one that serves, and as the child it has, as a rule, the higher pid.
      if (inodes.has(inode)) holders.set(inode, { pid, program: programOf(pid) })
    }
    yield
  }
  return holders
}

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
const optionsWithValue = new Set(['-r', '--require', '--import', '--loader', '-C', '--conditions'])

/** Names the program without its other arguments, which may hold secrets. */
function programOf(pid: number): string | null {
  const executable = attempt(() => fs.readlinkSync(`/proc/${pid}/exe`))
  if (executable === undefined) return null
  const name = path.basename(executable)

  const line = attempt(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? ''
  const [, ...arguments_] = line.split('\0')
  const script = arguments_.find((argument, index) => {
    if (argument === '' || argument.startsWith('-')) return false
    if (optionsWithValue.has(arguments_[index - 1] ?? '')) return false
    // A relative name is meant from the process' own folder.
    const file = path.isAbsolute(argument) ? argument : `/proc/${pid}/cwd/${argument}`
    return attempt(() => fs.statSync(file).isFile()) === true
  })
  return script === undefined ? name : `${name} ${script}`
}

/** Processes come and go, and most are not ours: what cannot be read is not there. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
