import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { policyNames } from '../policy.js'
import { findExecutable } from './executable.js'

/** Who gets a new connection; like the option of the same name of `setReuse`. */
export type Steering = (typeof policyNames)[number]

/** What `supervise()` runs, and how. All times are in milliseconds. */
export interface SuperviseOptions {
  /**
   * What the app is called: at most 64 letters, digits, `.`, `_` and `-`. The first is a letter or digit, and
   * not all are digits. Only one manager of a user can run an app.
   */
  name: string
  /** A script for Node, from `cwd`. Either this or `command`. */
  script?: string
  /** Any program, as a shell finds it: it is started as `reuse exec` starts it. Linux only. */
  command?: string
  /** The arguments of either. */
  args?: readonly string[]
  /** Options of Node for `script`. */
  nodeArgs?: readonly string[]
  /** How many workers; `'auto'` is one for each processor that this process may use. Default 1. */
  instances?: number | 'auto'
  /**
   * Whether `script` runs in `instances` worker threads of one process, instead of that many processes. Linux
   * only. Default `false`.
   */
  threads?: boolean
  /** Variables that the workers have in addition to this process' own. */
  env?: Readonly<Record<string, string>>
  /** The folder in which they run. Default this process' own. */
  cwd?: string
  /** Each worker's share beside other programs on the port: 0, or from 0.001 to 1000; Linux only. Default 1. */
  weight?: number
  /** Who gets a new connection. Without it, the group keeps its policy. Linux only. */
  steering?: Steering
  /**
   * Whether workers that are busier than the others get fewer new connections: judged once a second, by what
   * waits at their listeners and how late their event loops are. `script` only, and not with a `steering`
   * that ignores weights. Default `false`.
   */
  balance?: boolean
  /** How long a worker may take until it is ready. Default 30 000. */
  readyTimeout?: number
  /** How long a worker may take to leave, before it is killed. Default 10 000. */
  leaveTimeout?: number
  /** How long a port is kept open while no worker serves it. Default 30 000. */
  holdTimeout?: number
  /** How long a script's event loop may be blocked before its worker is killed; Linux only. Default none. */
  hangTimeout?: number
  /** A worker with more resident memory, in bytes, is replaced; Linux only. Default none. */
  maxMemory?: number
  /**
   * Descriptors of TCP listeners that nobody serves yet, such as those that systemd has handed in. The first
   * worker that listens on such a port serves what waits there. From then on they belong to the manager.
   * Linux only.
   */
  listeners?: readonly number[]
  /**
   * Whether something else keeps the listeners too, such as systemd's descriptor store. Then the app's ports
   * stay open while it stops, and new connections wait for the next start. Default `false`.
   */
  keepsPorts?: boolean
  /** A worker is ready when it calls `process.send('ready')`, not when it listens. `script` only. */
  waitReady?: boolean
}

/** The options, checked, with every default. */
export interface App {
  name: string
  /** The absolute path of the script or of the program. */
  file: string
  isScript: boolean
  args: readonly string[]
  nodeArgs: readonly string[]
  instances: number
  threads: boolean
  env: Readonly<Record<string, string>>
  cwd: string
  weight: number
  steering: Steering | null
  balance: boolean
  readyTimeout: number
  leaveTimeout: number
  holdTimeout: number
  hangTimeout: number | null
  maxMemory: number | null
  listeners: readonly number[]
  keepsPorts: boolean
  waitReady: boolean
}

export const mostInstances = 256
/** The longest that any time may be: a day. */
export const longestTime = 86_400_000

/**
 * Checks what a caller gave.
 *
 * @throws TypeError on an unknown name, a value of the wrong type, or if there is no such program
 * @throws RangeError on a number out of range
 */
export function checkSuperviseOptions(given: SuperviseOptions): App {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`supervise: options must be an object, got ${inspect(given)}`)
  }
  for (const name of Object.keys(given)) {
    if (isOption(name)) continue
    throw new TypeError(
      `supervise: unknown option "${name}"; the options are ${optionNames.join(', ')}`,
    )
  }
  const cwd = checkFolder(path.resolve(checkText('cwd', given.cwd ?? process.cwd())))
  const env = checkEnvironment(given.env ?? {})
  const isScript = isScriptGiven(given)
  refuseUnbalanced(given)
  return {
    name: checkName(given.name),
    ...{ cwd, env, isScript },
    file: isScript ? findScript(given.script, cwd) : findCommand(given.command, cwd, env),
    args: checkWords('args', given.args ?? []),
    nodeArgs: checkWords('nodeArgs', given.nodeArgs ?? []),
    instances: checkInstances(given.instances ?? 1),
    threads: checkBoolean('threads', given.threads ?? false),
    weight: checkWeight(given.weight ?? 1),
    steering: given.steering === undefined ? null : checkSteering(given.steering),
    balance: checkBoolean('balance', given.balance ?? false),
    readyTimeout: checkInteger('readyTimeout', given.readyTimeout ?? 30_000, 1, longestTime),
    leaveTimeout: checkInteger('leaveTimeout', given.leaveTimeout ?? 10_000, 1, longestTime),
    holdTimeout: checkInteger('holdTimeout', given.holdTimeout ?? 30_000, 0, longestTime),
    hangTimeout:
      given.hangTimeout === undefined
        ? null
        : checkInteger('hangTimeout', given.hangTimeout, 100, longestTime),
    maxMemory:
      given.maxMemory === undefined
        ? null
        : checkInteger('maxMemory', given.maxMemory, 2 ** 20, Number.MAX_SAFE_INTEGER),
    listeners: checkDescriptors(given.listeners ?? []),
    keepsPorts: checkBoolean('keepsPorts', given.keepsPorts ?? false),
    waitReady: checkBoolean('waitReady', given.waitReady ?? false),
  }
}

function checkFolder(folder: string): string {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new TypeError(`${subject('cwd')} must be a folder, but ${folder} is not a folder`)
}

const optionNames = [
  ...(['name', 'script', 'command', 'args', 'nodeArgs', 'instances', 'threads'] as const),
  ...(['env', 'cwd', 'weight', 'steering', 'readyTimeout', 'leaveTimeout', 'holdTimeout'] as const),
  ...(['hangTimeout', 'maxMemory', 'listeners', 'keepsPorts', 'waitReady', 'balance'] as const),
] satisfies (keyof SuperviseOptions)[]

function isOption(name: string): boolean {
  return optionNames.some((one) => one === name)
}

function subject(name: keyof SuperviseOptions): string {
  return `supervise: option "${name}"`
}

export const nameForm = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

function checkName(name: unknown): string {
  const expected =
    'must be 1 to 64 letters, digits, ".", "_" and "-", begin with a letter or digit, and not be a number'
  if (typeof name !== 'string') throw typeError('name', expected, name)
  if (!nameForm.test(name)) throw new RangeError(`${subject('name')} ${expected}, got "${name}"`)
  return name
}

function typeError(name: keyof SuperviseOptions, expected: string, value: unknown): TypeError {
  return new TypeError(`${subject(name)} ${expected}, got ${inspect(value)}`)
}

function isScriptGiven({ script, command, ...rest }: SuperviseOptions): boolean {
  if ((script === undefined) === (command === undefined)) {
    throw new TypeError('supervise: options must have either "script" or "command"')
  }
  if (script !== undefined) return true
  for (const name of ofScripts) {
    if (rest[name] === undefined || rest[name] === false) continue
    throw new TypeError(`supervise: option "${name}" is for a "script", not for a "command"`)
  }
  return false
}

/** The options that are for a `script` only. */
export const ofScripts = ['nodeArgs', 'threads', 'waitReady', 'balance', 'hangTimeout'] as const

/** Refuses options that leave `balance` nothing to do. */
function refuseUnbalanced({ balance, steering, weight }: SuperviseOptions): void {
  if (balance !== true) return
  if (steering === 'source-address' || steering === 'cpu') {
    throw new TypeError(
      `${subject('balance')} uses weights, but steering "${steering}" ignores them: leave out one of the two, or steer by "hash" or "random"`,
    )
  }
  if (weight === 0) {
    throw new TypeError(
      `${subject('balance')} uses weights, but with weight 0 all workers are standbys: leave out one of the two`,
    )
  }
}

function findScript(script: unknown, cwd: string): string {
  const given = checkText('script', script)
  const file = path.resolve(cwd, given)
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (stat?.isFile()) return file
  throw new TypeError(`${subject('script')} is "${given}", but ${whyNoScript(file, stat)}`)
}

function whyNoScript(file: string, stat: fs.Stats | undefined): string {
  if (stat === undefined) {
    return `there is no file ${file}: check the name, and the folder that it is relative to`
  }
  if (!stat.isDirectory()) return `${file} is not a regular file: give the file that starts the app`
  return `${file} is a folder: give the file in it that starts the app, such as ${path.join(file, 'server.js')}`
}

function findCommand(command: unknown, cwd: string, env: Readonly<Record<string, string>>): string {
  const name = checkText('command', command)
  const file = findExecutable(name, cwd, env.PATH ?? process.env.PATH)
  if (file !== null) return file
  const isFolder = fs.statSync(path.resolve(cwd, name), { throwIfNoEntry: false })?.isDirectory()
  throw new TypeError(
    isFolder
      ? `${subject('command')} must be a program, but '${name}' is a folder: give the file in it that starts the app`
      : `${subject('command')} must be a program, but there is no executable '${name}'. A script for Node needs its extension: server.js`,
  )
}

function checkText(name: keyof SuperviseOptions, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw typeError(name, 'must be a string that is not empty, without NUL', value)
}

function checkWords(name: keyof SuperviseOptions, value: unknown): readonly string[] {
  const isWord = (one: unknown): boolean => typeof one === 'string' && !one.includes('\0')
  if (Array.isArray(value) && value.every(isWord)) return [...value]
  throw typeError(name, 'must be an array of strings without NUL', value)
}

function checkEnvironment(value: unknown): Readonly<Record<string, string>> {
  const expected = 'must be an object with strings'
  if (typeof value !== 'object' || value === null) throw typeError('env', expected, value)
  for (const [name, content] of Object.entries(value)) {
    const isVariable = typeof content === 'string' && !/[=\0]/.test(name) && !content.includes('\0')
    // The value may be a secret.
    if (!isVariable)
      throw new TypeError(`${subject('env')} ${expected}, but "${name}" is not a valid variable`)
  }
  return { ...value }
}

export function checkInstances(value: unknown): number {
  if (value === 'auto') return Math.min(mostInstances, os.availableParallelism())
  return checkInteger('instances', value, 1, mostInstances)
}

function checkInteger(
  name: keyof SuperviseOptions,
  value: unknown,
  least: number,
  most: number,
): number {
  const expected = `must be an integer from ${least} to ${most}`
  if (typeof value !== 'number') throw typeError(name, expected, value)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`${subject(name)} ${expected}, got ${value}`)
}

function checkDescriptors(value: unknown): readonly number[] {
  const isDescriptor = (one: unknown): boolean => Number.isInteger(one) && Number(one) >= 0
  if (Array.isArray(value) && value.every(isDescriptor)) return [...value]
  throw typeError('listeners', 'must be an array of descriptors', value)
}

function checkWeight(value: unknown): number {
  const expected = 'must be 0, or a number from 0.001 to 1000'
  if (typeof value !== 'number') throw typeError('weight', expected, value)
  if (value === 0 || (value >= 0.001 && value <= 1000)) return value
  throw new RangeError(`${subject('weight')} ${expected}, got ${value}`)
}

function checkSteering(value: unknown): Steering {
  const policy = policyNames.find((one) => one === value)
  if (policy !== undefined) return policy
  throw typeError('steering', `must be one of ${policyNames.join(', ')}`, value)
}

function checkBoolean(name: keyof SuperviseOptions, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw typeError(name, 'must be a boolean', value)
}
