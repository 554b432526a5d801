/** The arguments of `reuse exec`: the launcher understands what the command accepts in the same way. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import net from 'node:net'
import { constants } from 'node:os'
import { test } from 'node:test'
import { fc, fuzz, readCorpus, spoiled } from '@reuse/testkit/fuzz'
import { Command, CommanderError } from 'commander'
import { execCommand } from '../src/exec/command.js'
import { type ExecOptions, launcherArguments } from '../src/exec/launcher-arguments.js'
import { launcherFile } from './exec-programs.js'
import { needsReader, OptionsReader } from './options-reader.js'

/** No argument of a program can contain a NUL, or half a character. */
const isArgument = (text: string): boolean =>
  !text.includes('\0') && Buffer.from(text).toString() === text

const isArguments = (input: unknown): input is string[] =>
  Array.isArray(input) && input.every((word) => typeof word === 'string')

const anyText = fc.string({ unit: 'binary', maxLength: 20 })
const number = fc.oneof(
  fc.nat(70_000).map(String),
  fc.maxSafeNat().map(String),
  fc.double().map(String),
  fc.constantFrom('0', '1', '65535', '65536', '00080', '1e3', '0x50', '.5', '+1', '-1', ' 1'),
)
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.constantFrom('::', '::1', 'fe80::1%lo', '::ffff:127.0.0.1', '127.1', '01.2.3.4', 'localhost'),
)
const values: Record<string, fc.Arbitrary<string>> = {
  port: number,
  map: fc.tuple(number, fc.constantFrom('=', ':'), number).map((parts) => parts.join('')),
  address,
  'source-address': address,
  weight: number,
  steering: fc.constantFrom('hash', 'random', 'source-address', 'cpu', 'payload:0:4', 'h', ''),
  'leave-timeout': number,
  drain: number,
  'stop-signal': fc.oneof(fc.constantFrom(...Object.keys(constants.signals), 'quit'), number),
  mechanism: fc.constantFrom('auto', 'seccomp', 'preload', 'none'),
}

/** Options of the command, some of them wrong. */
const options = fc.oneof(
  ...Object.entries(values).map(([name, value]) =>
    fc.oneof(
      { weight: 6, arbitrary: value.map((text) => `--${name}=${text}`) },
      { weight: 1, arbitrary: spoiled(value.map((text) => `--${name}=${text}`)) },
    ),
  ),
  fc.constantFrom('--verbose', '-p80', '-p'),
)

const command = fc.array(anyText, { maxLength: 3 }).map((args) => ['true', ...args])

/** What the command makes of a command line; null where it refuses it. */
function parse(line: readonly string[]): string[] | null {
  let result: string[] | null = null
  const parser = execCommand(new Command())
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .action((command: string, args: string[], given: ExecOptions) => {
      if (typeof given.steering === 'object') return // For UDP: refused.
      result = launcherArguments({ ...given, library: '/reuse-preload.so' }, [command, ...args])
    })
  try {
    parser.parse(line, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
  }
  return result
}

/** An address in canonical form. */
function normal(address = ''): string {
  if (address === '') return ''
  const family = net.isIPv4(address) ? 'ipv4' : 'ipv6'
  return new net.SocketAddress({ address, family }).address
}

test(
  'the launcher reads every command line that reuse exec accepts in the same way',
  needsReader,
  async (t) => {
    const reader = new OptionsReader(t)
    if (!reader.isSanitized) t.diagnostic('without sanitizers: this compiler has none')
    let taken = 0
    const lines = fc
      .tuple(fc.array(options, { maxLength: 4 }), fc.boolean(), command)
      .map(([options, hasEnd, command]) => [...options, ...(hasEnd ? ['--'] : []), ...command])
      .filter((line) => line.every(isArgument))
    await fuzz(t, lines, {
      corpus: readCorpus(import.meta.url, 'exec', isArguments),
      runs: 2000,
      check: async (line) => {
        const args = parse(line)
        if (args === null) return
        taken++
        const read = await reader.read(args)
        assert.ok(read, `the launcher refuses ${args}`)
        // Turned back into arguments, they are the same.
        const again = [
          ...read.port.map((port) => `--port=${port}`),
          ...read.map.map(({ from, to }) => `--map=${from}:${to}`),
          ...(read.address === '' ? [] : [`--address=${normal(read.address)}`]),
          ...(read.sourceAddress === '' ? [] : [`--source-address=${normal(read.sourceAddress)}`]),
          `--weight=${read.weight}`,
          ...(read.steering === '' ? [] : [`--steering=${read.steering}`]),
          `--leave-timeout=${read.leaveTimeout}`,
          `--drain=${read.drain}`,
          `--stop-signal=${read.stopSignal}`,
          `--mechanism=${['auto', 'seccomp', 'preload'][read.mechanism]}`,
          `--preload=${read.library}`,
          ...(read.verbose ? ['--verbose'] : []),
          '--',
          ...read.command,
        ]
        const end = args.indexOf('--')
        const expected = args.flatMap((arg, index) => {
          const [, name, value] = /^--((?:source-)?address)=(.*)$/s.exec(arg) ?? []
          if (index > end) return arg
          if (name !== undefined) return `--${name}=${normal(value)}`
          if (arg.startsWith('--steering=')) return arg.slice(0, '--steering=h'.length) // Its first letter.
          return /^--(node|helper)=/.test(arg) ? [] : arg
        })
        assert.deepEqual(again, expected)
      },
    })
    assert.ok(taken > 100, `${taken} were taken`)
  },
)

/** What the launcher accepts, stated independently; `mostPorts` is for `--port` and `--map` each. */
const digits = (text: string, most: number): boolean => /^\d+$/.test(text) && Number(text) <= most
const isAddress = (text: string): boolean => net.isIP(text) !== 0 && !text.includes('%')
const day = 86_400_000
const rules: Record<string, (value: string) => boolean> = {
  port: (value) => digits(value, 65_535),
  map: (value) =>
    value.split(':').length === 2 && value.split(':').every((one) => digits(one, 65_535)),
  address: isAddress,
  'source-address': isAddress,
  weight: () => true,
  steering: (value) => /^[hrsc]/.test(value),
  'leave-timeout': (value) => digits(value, day),
  drain: (value) => digits(value, day),
  'stop-signal': (value) => digits(value, 64) && Number(value) > 0,
  mechanism: (value) => ['auto', 'seccomp', 'preload'].includes(value),
  preload: () => true,
  node: () => true,
  helper: () => true,
}
const mostPorts = 64

function isTaken(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  if (end === -1 || end === args.length - 1) return false
  const settings = args.slice(0, end)
  const counted = (name: string): number =>
    settings.filter((one) => one.startsWith(`--${name}=`)).length
  if (counted('port') > mostPorts || counted('map') > mostPorts) return false
  return settings.every((one) => {
    if (one === '--verbose' || one === '--end-with-parent') return true
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(one) ?? []
    return Object.hasOwn(rules, name) && rules[name]?.(value) === true
  })
}

const settings = fc.oneof(
  options,
  fc.constantFrom('--end-with-parent', '--preload=', '--node=x', '--helper', '--'),
  anyText,
)
/** About as many options as the launcher has room for. */
const many = fc
  .tuple(
    fc.constantFrom('--port=%', '--map=%:80'),
    fc.integer({ min: 62, max: 67 }),
    fc.nat(60_000),
  )
  .map(([form, count, first]) =>
    Array.from({ length: count }, (_, index) => form.replace('%', String(first + index))),
  )

const launcherLines = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.array(settings, { maxLength: 4 }) }, many),
    fc.array(anyText, { maxLength: 2 }),
  )
  .map(([settings, command]) => [...settings, '--', ...command])
  .filter((line) => line.every(isArgument))

const corpus = readCorpus(import.meta.url, 'launcher', isArguments)

test('the launcher accepts the options that it knows, and no others', needsReader, async (t) => {
  const reader = new OptionsReader(t)
  let taken = 0
  await fuzz(t, launcherLines, {
    corpus,
    runs: 2000,
    check: async (args) => {
      const read = await reader.read(args)
      assert.equal(read !== null, isTaken(args))
      if (read === null) return
      taken++
      assert.deepEqual(read.command, args.slice(args.indexOf('--') + 1))
    },
  })
  assert.ok(taken > 100, `${taken} were taken`)
})

const needsLauncher = { skip: launcherFile === undefined && 'there is no launcher for this system' }

test('the launcher either runs the program or says what it refuses', needsLauncher, async (t) => {
  const launcher = launcherFile
  assert.ok(launcher)
  const without = launcherLines.map((args) => [...args.slice(0, args.indexOf('--')), '--', 'true'])
  await fuzz(t, without, {
    corpus: corpus.map((args) => [...args.slice(0, args.indexOf('--')), '--', 'true']),
    runs: 20,
    check: (args) => {
      if (args[0] === '--init') return // That makes it another program.
      const { status, signal, stderr } = spawnSync(launcher, args, {
        encoding: 'utf8',
        timeout: 30_000,
      })
      assert.equal(signal, null)
      if (isTaken(args)) return assert.ok(status === 0 || status === 3, `${status}: ${stderr}`)
      assert.equal(status, 2)
      assert.match(stderr, /^reuse exec: .* is not a valid option/s)
    },
  })
})
