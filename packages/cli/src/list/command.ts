import { Argument, type Command } from 'commander'
import { type CommonOptions, parseWhere, protocolOf, type Where } from '../arguments.js'
import { exitCodes, requireLinux } from '../failure.js'
import { complain, note, print, printJson } from '../output/print.js'
import { formatTable } from '../output/table.js'
import { absence } from './absence.js'
import { columns, notesOf, rowOf } from './rows.js'
import { findSockets, plainOf } from './sockets.js'

export function listCommand(command: Command): Command {
  return command
    .description(
      'List the sockets of a port: their programs, their share, and what waits in them. Without a port: of every port.',
    )
    .addArgument(new Argument('[port]', 'a port, or an address and a port').argParser(parseWhere))
    .option('-u, --udp', 'list UDP sockets, not TCP listeners')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(list)
}

const help = `
Columns:
  WEIGHT   the member's share relative to the others'
  POLICY   who gets the group's new connections
  QUEUE    TCP: connections that wait, and how many may; UDP: the same in bytes
  HELD BY  the other processes that hold the socket: members serve what waits in it when its own
           process leaves or dies

  '-' stands for what a program without @reuse does not have, '?' for what cannot be known.
  An orphan is a socket whose process has left or died, and that members of its group serve.

Examples:
  reuse ls 3000            who shares port 3000
  reuse ls [::1]:3000      the same for one address
  reuse ls                 every TCP listener
  reuse ls --udp --json    every UDP socket, for a script`

async function list(where: Where | undefined, options: CommonOptions): Promise<void> {
  requireLinux('ls')
  const protocol = protocolOf(options)
  const sockets = await findSockets({ protocol, ...where })
  if (options.json) printJson(sockets.map(plainOf))
  else if (sockets.length > 0) {
    print(await formatTable(columns, sockets.map(rowOf)))
    for (const line of notesOf(sockets)) note(line)
  }
  if (sockets.length > 0) return
  complain(await absence(protocol, where))
  process.exitCode = exitCodes.failed
}
