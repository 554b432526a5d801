import type { Listener } from '@reuse/core/group'
import { Argument, type Command } from 'commander'
import { type CommonOptions, parsePid, parsePort, protocolOf } from '../arguments.js'
import { Failure, requireLinux } from '../failure.js'
import { formatAddress, nameProcess } from '../output/names.js'
import { print, printJson } from '../output/print.js'
import { userName } from '../users.js'
import { chooseSockets } from './sockets.js'

export function openCommand(command: Command): Command {
  return command
    .description(
      'Let a program that listens already share its port from now on, without a restart: other programs of its user can listen on it too.',
    )
    .addArgument(new Argument('<pid>', 'the process').argParser(parsePid))
    .addArgument(
      new Argument('[port]', 'which of its ports, if it has several').argParser(parsePort),
    )
    .option('-u, --udp', 'open a UDP socket, not a TCP listener')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(open)
}

const help = `
It takes a duplicate of the program's socket (pidfd_getfd, Linux 5.6) and sets SO_REUSEPORT on it. The
system allows that where it allows a debugger: for processes of your own user, unless Yama
(/proc/sys/kernel/yama/ptrace_scope) or a container forbids it; and for root.

The program does not become a member: when it ends, connections that wait at it are lost, as before.
It shares its port until it closes it; there is no way back.

Examples:
  reuse open 4711          the port of process 4711
  reuse open 4711 8000     one of its ports`

async function open(pid: number, port: number | undefined, options: CommonOptions): Promise<void> {
  requireLinux('open')
  const protocol = protocolOf(options)
  const sockets = await chooseSockets(pid, port, protocol)
  const { shareRunning } = await import('@reuse/core/group')
  const results = sockets.map((socket) => {
    const result = shareRunning({ pid, protocol, inode: socket.inode })
    if (result === 'gone')
      throw new Failure(`process ${pid} has just closed ${formatAddress(socket)}.`)
    return {
      protocol,
      address: socket.address,
      port: socket.port,
      pid,
      program: socket.program,
      result,
    }
  })
  if (options.json) printJson(results)
  else
    for (const [index, { result }] of results.entries())
      print(describe(pid, sockets[index], result))
}

function describe(pid: number, socket: Listener | undefined, result: 'shared' | 'already'): string {
  if (socket === undefined) return ''
  const who = nameProcess({ pid, program: socket.program })
  const where = formatAddress(socket)
  if (result === 'already') return `${who} shares ${where} already`
  return `${who} now shares ${where} with other programs of ${userName(socket.uid)}`
}
