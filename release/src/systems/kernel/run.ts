/**
 * `run.js TARGET PROGRAM [argument]…`: starts the kernel of a lane in an emulated machine, runs a
 * program there, in this folder and with the variables of a test, and exits as the program did.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { quote } from '../../debian/container.js'
import { root } from '../../root.js'
import { exchangeOf, type Guest, makeGuest } from './guest.js'
import { type Kernel, kernels } from './kernels.js'

async function runInGuest(kernel: Kernel, command: readonly string[]): Promise<number> {
  const guest = await makeGuest(kernel)
  const exchange = exchangeOf(kernel)
  const status = path.join(exchange, 'status')
  const output = path.join(exchange, 'console')
  mkdirSync(exchange, { recursive: true })
  rmSync(status, { force: true })
  writeFileSync(path.join(exchange, 'command'), scriptOf(command))
  const [program, ...args] = machine(kernel, guest, output)
  await new Promise((resolve, reject) => {
    spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      .once('error', reject)
      .once('exit', resolve)
  })
  process.stdout.write(readFileSync(output))
  if (existsSync(status)) return Number(readFileSync(status, 'utf8'))
  console.log('the machine ended before the program did')
  return 1
}

function scriptOf(command: readonly string[]): string {
  const variables = Object.entries(process.env)
    .filter(([name]) => /^(TEST_|PREBUILDS_|NODE_OPTIONS)/.test(name))
    .map(([name, value = '']) => `export ${name}=${quote(value)}\n`)
  return `cd ${quote(process.cwd())}\n${variables.join('')}exec ${command.map(quote).join(' ')}\n`
}

function machine(kernel: Kernel, guest: Guest, output: string): [string, ...string[]] {
  const folders = [
    ...kernel.folders.map(({ from }, index) => share(from, `folder${index}`, ',readonly=on')),
    share(root, 'root'),
  ]
  const command = `console=${kernel.console} quiet panic=-1 random.trust_cpu=on`
  return [
    ...kernel.emulator,
    ...['-accel', 'tcg,thread=multi', '-smp', '2', '-m', '2048'],
    ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', `file:${output}`],
    ...['-kernel', guest.kernel, '-initrd', guest.initial, '-append', command],
    ...folders.flat(),
  ]
}

function share(from: string, tag: string, more = ''): string[] {
  const options = 'security_model=none,multidevs=remap'
  return ['-virtfs', `local,path=${from},mount_tag=${tag},${options}${more}`]
}

const [, , target, ...command] = process.argv
const kernel = kernels.find((each) => each.target === target)
if (kernel === undefined) throw new Error(`there is no kernel ${target}`)
process.exitCode = await runInGuest(kernel, command)
