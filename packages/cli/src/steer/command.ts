import type { GroupPolicy, SteeringOutcome } from '@reuse/core/group'
import { Argument, type Command } from 'commander'
import {
  type CommonOptions,
  parsePolicy,
  parseWhere,
  protocolOf,
  type Where,
} from '../arguments.js'
import { exitCodes, Failure, requireLinux, wrongUsage } from '../failure.js'
import { absence } from '../list/absence.js'
import { formatAddress } from '../output/names.js'
import { complain, print, printJson } from '../output/print.js'
import { formatPolicy, policyForms } from '../policy.js'

export function steerCommand(command: Command): Command {
  return command
    .description(
      'Give a group another policy: which member gets each new connection, or datagram. It applies until somebody sets another one.',
    )
    .addArgument(new Argument('<port>', 'a port, or an address and a port').argParser(parseWhere))
    .addArgument(new Argument('<policy>', policyForms).argParser(parsePolicy))
    .option('-u, --udp', 'steer UDP sockets, not TCP listeners')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(steer)
}

const help = `
Policies:
  hash            the kernel's own choice, by addresses and ports; at random if weights differ
  random          at random, in proportion to the weights
  source-address  all connections from one client address go to the same member
  cpu             by the processor that handles the packet
  payload:O:L     UDP: by L bytes, 1 to 8, at the offset O of the datagram

It works for groups of your own user with a member of @reuse in them. A port may have several groups,
one for each address: without an address, all of them are steered.

Examples:
  reuse steer 3000 source-address
  reuse steer [::1]:3000 random
  reuse steer --udp 4433 payload:1:8`

async function steer(where: Where, policy: GroupPolicy, options: CommonOptions): Promise<void> {
  requireLinux('steer')
  const protocol = protocolOf(options)
  if (typeof policy === 'object' && protocol === 'tcp') {
    throw wrongUsage(
      `${formatPolicy(policy)} is a policy for UDP: a TCP handshake has no payload. Add --udp.`,
    )
  }
  const { steerGroups } = await import('@reuse/core/group')
  const outcomes = await steerGroups({ protocol, ...where }, policy)
  if (options.json) printJson(outcomes)
  if (outcomes.length === 0) throw new Failure(await absence(protocol, where))
  for (const outcome of outcomes) {
    if (outcome.result !== 'steered') {
      complain(complaintOf(outcome))
      process.exitCode = exitCodes.failed
    } else if (!options.json) {
      print(`${formatAddress(outcome)} (${protocol}) is now steered by ${formatPolicy(policy)}`)
    }
  }
}

function complaintOf(outcome: SteeringOutcome): string {
  const place = `${formatAddress(outcome)} (${outcome.protocol})`
  switch (outcome.result) {
    case 'failed':
      return `${place} keeps its policy: ${outcome.why}`
    case 'silent':
      return `${place} keeps its policy: none of its members answered. They are busy or suspended; 'kill -CONT <pid>' resumes those that are suspended.`
    case 'no-members':
      return `${place} cannot be steered: none of its programs uses @reuse. Start one that does, and it can be.`
    default:
      return `${place} cannot be steered: it belongs to another user. Run the command as that user.`
  }
}
