/** The command line itself: help, wrong usage, exit codes, colours, closed pipes. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { command, needsLinux, needsPython, reuse, startMember } from './programs.js'

const verbs = [
  ...['ls', 'explain', 'steer', 'stop', 'open'],
  ...['run', 'reload', 'scale', 'status', 'top', 'logs'],
]

test('the help lists the commands and the exit codes', async () => {
  const { status, stdout, stderr } = await reuse(['--help'])
  assert.deepEqual([status, stderr], [0, ''])
  for (const verb of verbs) assert.match(stdout, new RegExp(`^ {2}${verb} `, 'm'))
  assert.match(
    stdout,
    /Exit codes:\n {2}0 {2}done\n {2}1 {2}failed.*\n {2}2 {2}wrong usage\n {2}3 /,
  )
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const code of [0, 1, 2, 3]) assert.match(readme, new RegExp(`^\\| ${code} +\\|`, 'm'))
})

for (const verb of verbs) {
  test(`the help of ${verb} has its usage and examples`, async () => {
    const { status, stdout } = await reuse(['help', verb])
    assert.equal(status, 0)
    assert.match(stdout, new RegExp(`^Usage: reuse ${verb} `))
    assert.match(stdout, new RegExp(`\nExamples:\n {2}reuse ${verb} `))
    assert.equal((await reuse([verb, '-h'])).stdout, stdout)
  })
}

test('help without a command, or -h before one, prints the general help', async () => {
  const { stdout } = await reuse(['--help'])
  for (const words of [['help'], ['-h', 'ls']]) {
    assert.equal((await reuse(words)).stdout, stdout, words.join(' '))
  }
})

test('a command may follow --', needsLinux, async () => {
  const { status, stderr } = await reuse(['--', 'ls', 'nowhere'])
  assert.equal(status, 2)
  assert.match(stderr, /Type a port, or an address and a port/)
})

test('reuse --version prints the version of the package', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  assert.deepEqual(await reuse(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' })
})

const wrong: [args: string[], says: RegExp][] = [
  [[], /^Usage: reuse /],
  [['lst'], /unknown command 'lst'.*\n.*Did you mean ls/s],
  [['restart', 'web'], /there is no command 'restart'; use 'reuse reload' instead/],
  [['start', 'server.js'], /there is no command 'start'; use 'reuse run' instead/],
  [['run', '.'], /'\.' is a folder: give the file in it that starts the app/],
  [['run', '-c', 'nowhere.config.js'], /nowhere\.config\.js: there is no file \/.*nowhere/],
  [['run', '-c', 'some.config.js', '-n', '2'], /--instances belongs in the config file/],
  [['ls', '0'], /A port is a number from 1 to 65535/],
  [['ls', '65536'], /A port is a number from 1 to 65535/],
  [['ls', '3000', '4000'], /too many arguments/],
  [['ls', 'localhost'], /Type a port, or an address and a port/],
  [['ls', '::1:3000'], /\[::1\]:3000/],
  [['ls', '--jsn'], /unknown option '--jsn'.*Did you mean --json/s],
  [['explain'], /missing required argument 'port'/],
  [['steer', '3000'], /missing required argument 'policy'/],
  [['steer', '3000', 'fair'], /A policy is one of hash, random, source-address, cpu, payload/],
  [['steer', '3000', 'payload:0:9'], /LENGTH 1 to 8/],
  [['steer', '3000', 'payload:65520:8'], /LENGTH 1 to 8/],
  [
    ['exec', ...Array.from({ length: 65 }, (_, port) => `--port=${port + 1}`), '--', 'true'],
    /'-p, --port <port>' argument '65' is invalid. It may be given at most 64 times/,
  ],
  [['stop'], /Nothing says what to stop/],
  [['stop', 'node'], /'node' is neither a pid nor a port/],
  [['stop', '3000', '--timeout', 'soon'], /Type a number of seconds/],
  [['open'], /missing required argument 'pid'/],
  [['open', 'node'], /A pid is a number/],
  [['run'], /Type what to run: reuse run server\.js/],
  [
    ['run', 'nowhere.js'],
    /option "script" is "nowhere\.js", but there is no file \/.*\/nowhere\.js: check/,
  ],
  [['run', '--', 'no-such-command'], /there is no executable 'no-such-command'/],
  [['run', '-n', '0', 'sh'], /Type a number from 1 to 256, or auto/],
  [['run', '-n', 'many', 'sh'], /Type a number from 1 to 256, or auto/],
  [['run', '--name', '../x', 'sh'], /option "name" must be 1 to 64 letters/],
  [['run', '--name', '3000', 'sh'], /not be a number, got "3000"/],
  [['run', '--ready-timeout', '0', 'sh'], /option "readyTimeout" must be an integer from 1/],
  [['run', '--weight', '-1', 'sh'], /A weight is 0, or a number/],
  [['run', '--steering', 'payload:0:1', 'sh'], /Allowed choices are hash, random/],
  [['run', '--max-memory', '0', 'sh'], /Type a number of MiB/],
  [['run', '--log', 'xml', 'sh'], /Allowed choices are text, json/],
  [['run', '--wait-ready', 'sh'], /option "waitReady" is for a "script"/],
  [['run', '--balance', 'sh'], /option "balance" is for a "script"/],
  [['run', '--cwd', '/nowhere', 'sh'], /cwd.* must be a folder, but \/nowhere is not a folder/],
  [['run', '--node-args', ' ', 'server.js'], /Type one or more, with spaces between them/],
  [['run', '--node-args', '--inspect', 'sh'], /nodeArgs.* is for a "script"/],
  [['run', '--threads', 'sh'], /option "threads" is for a "script"/],
  [['scale'], /missing required argument 'n'/],
  [['scale', '257'], /Type a number from 1 to 256, or auto/],
  [['logs', '-n', 'all'], /Type a number/],
  [['scale', '2', 'one', 'two'], /too many arguments/],
  [['top', '--onc'], /unknown option '--onc'.*Did you mean --once/s],
]

for (const [args, says] of wrong) {
  test(`wrong usage: reuse ${args.join(' ').slice(0, 60)}`, needsLinux, async () => {
    const { status, stdout, stderr } = await reuse(args)
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, says)
  })
}

test('reuse ls ends without an error if its reader closes the pipe', needsLinux, async (t) => {
  await startMember(t)
  const child = spawn(process.execPath, [command, 'ls'], { stdio: ['ignore', 'pipe', 'pipe'] })
  // Long before the command has anything to write.
  child.stdout.destroy()
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
  assert.deepEqual([status, stderr.replaceAll(/^\? stands for .*\n/gm, '')], [0, ''])
})

/** Runs the command in its own terminal, and returns what that shows. */
function onTerminal(env: NodeJS.ProcessEnv, ...args: string[]): string {
  const program = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'
  // Where CI is set, Node shows no colours either.
  const {
    NO_COLOR: _,
    FORCE_COLOR: __,
    NODE_DISABLE_COLORS: ___,
    CI: ____,
    ...inherited
  } = process.env
  const { stdout } = spawnSync('python3', ['-c', program, process.execPath, command, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  })
  return stdout
}

test('output is coloured on a terminal, unless NO_COLOR is set', needsPython, async (t) => {
  const { port } = await startMember(t)
  for (const args of [['ls', String(port)], ['explain', String(port)], ['--help']]) {
    assert.ok(onTerminal({}, ...args).includes('\x1b['), args.join(' '))
    const plain = onTerminal({ NO_COLOR: '1' }, ...args)
    assert.ok(plain.length > 10 && !plain.includes('\x1b'), args.join(' '))
    assert.ok(!(await reuse(args)).stdout.includes('\x1b'), args.join(' '))
  }
})

test('outside Linux, commands say what they need and what to use instead', async () => {
  const cluster = /^Use Node's cluster module here\.\n$/
  const advice: Record<string, RegExp> = {
    ...{ ls: /^Only Linux shows/, 'steer 3000 hash': /^Only/, 'stop 3000': /^Only/ },
    ...{ 'open 1': /^Only/, 'exec -- true': /^A script .* 'node --import @reuse\/core\/register'/ },
    ...{ 'run x.js': cluster, reload: cluster, promote: cluster, rollback: cluster },
    ...{ 'scale 1': cluster, status: cluster, top: cluster, logs: cluster },
  }
  for (const [words, says] of Object.entries(advice)) {
    const fake = `data:text/javascript,Object.defineProperty(process,'platform',{value:'freebsd'})`
    const args = ['--import', fake, command, ...words.split(' ')]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.deepEqual([status, stdout], [3, ''], words)
    const [, said = ''] =
      /^reuse: 'reuse \w+' needs Linux(?:, macOS or Windows)?, and this is freebsd\. (.*)/s.exec(
        stderr,
      ) ?? []
    assert.match(said, says, words)
  }
})
