import { Argument, type Command } from 'commander'
import { type CommonOptions, parseWhere, protocolOf, type Where } from '../arguments.js'
import { print, printable, printJson } from '../output/print.js'
import { styled } from '../output/style.js'

export function explainCommand(command: Command): Command {
  return command
    .description('Say who holds a port, whether it is shared, why a bind fails, and what to do.')
    .addArgument(new Argument('<port>', 'a port, or an address and a port').argParser(parseWhere))
    .option('-u, --udp', 'explain the UDP port, not the TCP port')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(explainPort)
}

const help = `
Whether a TCP port is shared is tried with a socket that is bound and closed at once, and never
listens.

Examples:
  reuse explain 3000              why a server cannot listen on port 3000
  reuse explain localhost:3000    the same for one address
  reuse explain 3000 --json       { summary, reason, advice, shared, holders }`

async function explainPort(where: Where, options: CommonOptions): Promise<void> {
  const { explain } = await import('@reuse/core')
  const explanation = await explain({ ...where, protocol: protocolOf(options) })
  if (options.json) {
    printJson(explanation)
    return
  }
  const { summary, advice, reason } = explanation
  print(`${styled('bold', printable(summary))}\n${printable(advice)}\nReason: ${reason}`)
}
