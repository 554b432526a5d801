import { constants } from 'node:os'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { parsePolicy, parsePort, parseSeconds } from '../arguments.js'
import { requireLinux, wrongUsage } from '../failure.js'
import { policyForms } from '../policy.js'
import { findLauncher, replaceWith } from './launcher.js'
import { type ExecOptions, launcherArguments, type PortMap } from './launcher-arguments.js'
import { parseAddress, parseSignal, parseWeight } from './values.js'

export function execCommand(command: Command): Command {
  return command
    .description(
      'Start a program, in whatever language, so that its TCP and UDP binds share their ports, and those of all programs that it starts. When it is told to end, it first leaves its ports without losing a connection.',
    )
    .usage('[options] [--] <command> [args...]')
    .addArgument(new Argument('<command>', 'the program, as a shell finds it'))
    .addArgument(new Argument('[args...]', 'its arguments'))
    .addOption(repeatable('-p, --port <port>', 'share this port only; may be repeated', parsePort))
    .addOption(repeatable('--map <from=to>', 'bind to another port instead', parseMap))
    .addOption(new Option('--address <ip>', 'bind to this address instead').argParser(parseAddress))
    .addOption(
      new Option('--source-address <ip>', 'connect from this address').argParser(parseAddress),
    )
    .addOption(
      new Option('--weight <number>', "its share relative to the others', 0 for a standby")
        .argParser(parseWeight)
        .default(1),
    )
    .addOption(new Option('--steering <policy>', policyForms).argParser(parsePolicy))
    .addOption(
      new Option('--leave-timeout <seconds>', 'how long leaving its ports may take')
        .argParser(parseSeconds)
        .default(30),
    )
    .addOption(
      new Option('--drain <seconds>', 'how long accepted connections may continue after that')
        .argParser(parseSeconds)
        .default(1),
    )
    .addOption(
      new Option('--stop-signal <signal>', 'the signal that it gets for SIGTERM')
        .argParser(parseSignal)
        .default(constants.signals.SIGTERM, 'SIGTERM'),
    )
    .addOption(
      new Option('--mechanism <name>', 'how to intercept binds: by seccomp, or a preload library')
        .choices(['auto', 'seccomp', 'preload'])
        .default('auto'),
    )
    .option('--verbose', 'report what is done, on standard error')
    .passThroughOptions()
    .addHelpText('after', help)
    .action(exec)
}

const help = `
Ports to which the program binds are shared as programs with @reuse share them: all must run as the
same user. A bind to port 0 is left alone. Output, exit code, terminal and environment are the
program's own.

On SIGTERM, SIGINT and the signal of --stop-signal, and by 'reuse stop', it leaves: new connections go to the
others, what waits is served, accepted connections get a moment to end, and then the program gets the signal.
A second signal reaches it at once. It gets all other signals at once, and keeps its ports.

Exit codes, in addition to the program's own:
  2    wrong usage
  3    this system does not let a program be supervised
  126  the program cannot be executed
  127  there is no such program

Examples:
  reuse exec -- python3 -m http.server 8080
  reuse exec --port 443 --stop-signal SIGQUIT -- nginx -g 'daemon off;'
  reuse exec --map 3000=8080 --address 127.0.0.1 -- ./server`

/** As many as the launcher has room for. */
const most = 64

function repeatable<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: T[] = []) => {
    if (before.length === most)
      throw new InvalidArgumentError(`It may be given at most ${most} times.`)
    return [...before, parse(text)]
  })
}

function parseMap(text: string): PortMap {
  const [from, to, ...more] = text.split('=')
  if (from === undefined || to === undefined || more.length > 0) {
    throw new InvalidArgumentError('Type two ports: 3000=8080.')
  }
  return { from: parsePort(from), to: parsePort(to) }
}

async function exec(command: string, args: string[], options: ExecOptions): Promise<void> {
  requireLinux(
    'exec',
    "A script for Node shares its ports here too: 'node --import @reuse/core/register'.",
  )
  const { program, library } = findLauncher()
  if (typeof options.steering === 'object') {
    throw wrongUsage('The payload policy is for UDP, and reuse exec steers TCP only.')
  }
  await replaceWith(program, launcherArguments({ ...options, library }, [command, ...args]))
}
