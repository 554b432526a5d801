import { Argument, type Command, Option } from 'commander'
import {
  configOption,
  parseInstances,
  parseMebibytes,
  parseSeconds,
  parseWhere,
  parseWords,
  type Where,
} from '../arguments.js'
import { parseWeight } from '../exec/values.js'
import { requireManager, wrongUsage } from '../failure.js'
import type { MetricsPlace } from '../metrics/server.js'
import { goOnWithoutTheReader } from '../output/print.js'
import { policyNames } from '../policy.js'
import { type AppOptions, appOf, appsOfFile, type FileOptions } from './apps.js'
import { leaveFirstPlace } from './init.js'
import { type LogFormat, logFormats, openLog, type RunLog } from './log.js'
import { manage } from './manage.js'

interface RunOptions extends AppOptions, FileOptions {
  listen?: Where[]
  metrics?: MetricsPlace
  takeOver?: boolean
  log: LogFormat
}

export function runCommand(command: Command): Command {
  return command
    .description(
      'Run an unchanged server several times on one port. Workers that end are restarted; a reload replaces them one by one and loses no connection.',
    )
    .usage('[options] [--] [<script or command> [args...]]')
    .addArgument(
      new Argument(
        '[program]',
        'a script for Node (.js .mjs .cjs .ts …), or a command; without it, the apps of a config file',
      ),
    )
    .addArgument(new Argument('[args...]', 'its arguments'))
    .addOption(configOption())
    .option('--env <name>', 'the environment of a PM2 ecosystem file: production')
    .addOption(
      new Option('-n, --instances <number>', "how many workers; 'auto': one for each processor")
        .argParser(parseInstances)
        .default(1),
    )
    .option('--threads', 'run a script in that many worker threads of one process')
    .option(
      '--name <name>',
      "what the app is called (default: the package's name, or the script's)",
    )
    .option('--cwd <folder>', 'where the workers run; the script is relative to this folder')
    .addOption(
      new Option(
        '--node-args <options>',
        'options of Node for a script, with spaces between them; may be repeated',
      ).argParser((text: string, before: string[] = []) => [...before, ...parseWords(text)]),
    )
    .addOption(seconds('--ready-timeout', 'how long a worker may take until it is ready', 30))
    .addOption(seconds('--leave-timeout', 'how long it may take to leave, before it is killed', 10))
    .addOption(seconds('--hold-timeout', 'how long a port is kept open without a worker', 30))
    .addOption(
      new Option(
        '--listen <[host:]port>',
        'open this port now, before a worker does; may be repeated',
      ).argParser((text: string, before: Where[] = []) => [...before, parseWhere(text)]),
    )
    .addOption(
      new Option('--weight <number>', "each worker's share beside other programs, 0 for a standby")
        .argParser(parseWeight)
        .default(1),
    )
    .addOption(new Option('--steering <policy>', 'who gets a new connection').choices(policyNames))
    .option('--balance', 'give workers that are busier than the others fewer new connections')
    .addOption(
      new Option(
        '--hang-timeout <seconds>',
        'how long an event loop may be blocked before its worker is killed',
      ).argParser(parseSeconds),
    )
    .addOption(
      new Option(
        '--max-memory <MiB>',
        'replace a worker that uses more memory than this',
      ).argParser(parseMebibytes),
    )
    .addOption(
      new Option(
        '--metrics <place>',
        '[host:]port or path for Prometheus and health probes',
      ).argParser(parseMetricsPlace),
    )
    .addOption(
      new Option('--log <format>', 'how to print what happens, and what workers print')
        .choices(logFormats)
        .default('text'),
    )
    .option(
      '--take-over',
      'if the app is running, end its manager and take over its workers: with another config, Node or @reuse',
    )
    .option('--wait-ready', "a worker is ready when it calls process.send('ready')")
    .passThroughOptions()
    .addHelpText('after', help)
    .action(run)
}

const help = `
A script is run by Node, and its servers share their ports. Any other command is started as 'reuse exec'
starts it. A worker is ready when it listens; if no worker listens on anything, after a second.

Without a program, or with --config, the apps come from a config file: reuse.config.js, .mjs, .cjs, .ts or .json,
or an ecosystem.config.js of PM2.

What workers print is printed with their number; with --log json, all that is printed is a line of JSON with app,
worker, stream, level, time and msg. Control the app from another shell:
  reuse status, reuse reload, reuse scale <n>, reuse logs, reuse stop <name>

Signals:
  SIGHUP           reload: one worker at a time, the new one is ready before the old one leaves
  SIGTERM, SIGINT  stop: workers finish what they serve; a second signal kills them
  SIGUSR2          is passed on to the workers that handle it

If this process is killed, the workers keep running, and the same command takes them over; with --take-over also
from a running manager. Those that do not match the command are replaced one by one, as by a reload. On macOS and
Windows the workers end too. There all workers accept from one listener, and some options are refused: the README
says which.

Exit codes:
  0  stopped, by a signal or by 'reuse stop'
  1  failed: the app is already running, or its workers had to be killed by a second signal
  2  wrong usage
  3  this system cannot do it

Examples:
  reuse run -n 4 server.js
  reuse run -n 4 --threads server.js
  reuse run -n auto --name shop --steering source-address server.js --port 8080
  reuse run --cwd /srv/shop --node-args '--enable-source-maps --max-old-space-size=512' server.js
  reuse run --log json server.js
  reuse run -n 2 -- python3 -m http.server 8080
  reuse run
  reuse run --config reuse.config.js web api`

function seconds(name: string, description: string, byDefault: number): Option {
  return new Option(`${name} <seconds>`, description).argParser(parseSeconds).default(byDefault)
}

function parseMetricsPlace(text: string): MetricsPlace {
  return text.includes('/') ? { path: text } : parseWhere(text)
}

async function run(
  this: Command,
  program: string | undefined,
  args: string[],
  options: RunOptions,
): Promise<void> {
  requireManager('run')
  const log = await openLog(options.log)
  leaveFirstPlace(log)
  const isOfFile = program === undefined || options.config !== undefined
  if (isOfFile) refuseAppOptions(this)
  else if (options.env !== undefined) throw wrongUsage('--env is for a PM2 ecosystem file.')
  const names = program === undefined ? [] : [program, ...args]
  const apps = isOfFile ? await appsOfFile(names, options, log) : [appOf(program, args, options)]
  if (!isOfFile) noteMisplaced(args, log)
  goOnWithoutTheReader()
  const { listen = [], metrics = null, takeOver = false } = options
  await manage(apps, { listen, metrics, takeOver }, log)
}

/** Other process managers accept -n after the program. Other options there may be the program's. */
function noteMisplaced(args: readonly string[], log: RunLog): void {
  const misplaced = args.find((word) => /^(-n|--instances)(=|$)/.test(word))
  if (misplaced === undefined) return
  log.say(
    `${misplaced} stands after the program, which gets it: options of 'reuse run' go before the program`,
    { level: 'warn' },
  )
}

/** The options of an app of a file belong in the file. */
function refuseAppOptions(command: Command): void {
  const given = command.options.find(
    (option) =>
      !ofAll.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (given === undefined) return
  throw wrongUsage(`${given.long} belongs in the config file, with the app that it applies to.`)
}

/** The options that are not about one app. */
const ofAll = ['config', 'env', 'listen', 'metrics', 'log', 'takeOver']
