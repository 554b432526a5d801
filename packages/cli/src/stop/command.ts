import type { Command } from 'commander'
import { configOption, parsePid, parsePort, parseSeconds } from '../arguments.js'
import { canManage, Failure, requireLinux, requireManager } from '../failure.js'
import { join, nameProcess, plural } from '../output/names.js'
import { complain, note, print, printJson } from '../output/print.js'
import { isStopped } from '../state/process-state.js'
import { isAppName, stopApps } from './app.js'
import { findMembers, type Program } from './members.js'
import { chooseTarget, type TargetOptions } from './target.js'
import { askToLeave, patience, whoStays } from './wait.js'

interface StopOptions extends TargetOptions {
  config?: string
  timeout?: number
  json?: boolean
}

export function stopCommand(command: Command): Command {
  return command
    .description(
      "Ask members to leave by SIGTERM: one program, or all of your user's on a port. Wait until they have left. Or stop apps of 'reuse run'.",
    )
    .argument('[target...]', 'a pid, a port (:3000 is always a port), or the names of apps')
    .addOption(configOption())
    .option('--pid <pid>', 'the pid of a member', parsePid)
    .option('--port <port>', 'a port: all members on it', parsePort)
    .option(
      '--timeout <seconds>',
      `how long to wait (default: ${patience}; for an app, until its workers have ended)`,
      parseSeconds,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(stop)
}

const help = `
A number is the port of members or the pid of a member. If it is both, it is refused; in a script,
use --pid or --port. Programs without @reuse are left alone.

A program that handles SIGTERM decides what it does. A program that @reuse/core/register has made a
member leaves its group and ends. For an app, the manager makes all workers leave, and ends too.

Examples:
  reuse stop 3000          all members on port 3000
  reuse stop --pid 4711    this one, on all of its ports
  reuse stop :3000 --timeout 60
  reuse stop shop          an app of 'reuse run'
  reuse stop shop api      two of them
  reuse stop -c reuse.config.js   all apps of this file`

const noMembers = "Only Linux shows who has a socket. An app of 'reuse run' is stopped by its name."

async function stop(targets: string[], options: StopOptions): Promise<void> {
  const [target, ...others] = targets
  const areApps = options.config !== undefined || others.length > 0
  if (areApps || (target !== undefined && canManage && isAppName(target))) {
    requireManager('stop')
    await stopApps(targets, options)
    return
  }
  requireLinux('stop', noMembers)
  const { members, strangers } = chooseTarget(target, options, await findMembers())
  const asked = askToLeave(members)
  const { timeout = patience } = options
  const staying = await whoStays(asked, timeout)
  const hasLeft = (program: Program): boolean => !staying.includes(program)

  if (options.json) {
    const plain = asked.map((program) => ({ ...program, left: hasLeft(program) }))
    printJson({ members: plain, leftAlone: strangers })
  } else {
    for (const program of asked.filter(hasLeft)) print(`${describe(program)}: has left`)
    for (const stranger of strangers) {
      note(`${describe(stranger)}: does not use @reuse, and was left alone`)
    }
  }
  if (staying.length === 0) return
  for (const program of staying) complain(complaintOf(program, timeout))
  throw new Failure(
    `${staying.length} of ${asked.length} ${plural(asked.length, 'program', 'programs')} did not leave.`,
  )
}

function describe(program: Program): string {
  const { ports } = program
  return `${nameProcess(program)} on ${plural(ports.length, 'port', 'ports')} ${join(ports)}`
}

function complaintOf(program: Program, timeout: number): string {
  const { pid } = program
  const still = `${describe(program)}: still there after ${timeout} s.`
  return isStopped(pid)
    ? `${still} It is suspended: 'kill -CONT ${pid}' resumes it, and then it leaves.`
    : `${still} It may still be leaving, or handle SIGTERM without closing its server. 'kill -KILL ${pid}' ends it; the other members serve what waits at it.`
}
