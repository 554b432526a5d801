import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root } from '../root.js'
import type { Outcome, Run } from './outcome.js'

/**
 * Starts a launcher: without a command, which it has to refuse, and also with one if it runs without
 * an emulator.
 */
export async function checkLauncher(arch: 'x64' | 'arm64'): Promise<Run> {
  const file = path.join(root, `packages/cli/prebuilds/linux-${arch}/reuse-exec`)
  const run = { target: `linux-${arch}-launcher`, node: 'none' }
  if (arch === 'arm64') {
    return {
      ...run,
      through: 'qemu',
      ran: 'it starts, and refuses wrong usage',
      outcomes: [refusesNoCommand(['qemu-aarch64-static', file])],
      notRun: ['a program that it starts: qemu-user has no seccomp'],
    }
  }
  return {
    ...run,
    through: '',
    ran: 'it starts, refuses wrong usage, starts a program',
    outcomes: [refusesNoCommand([file]), startsProgram([file])],
    notRun: ['its sharing: npm run test:packages tests that with this file'],
  }
}

function refusesNoCommand(launcher: readonly string[]): Outcome {
  return ends('without a command it says so', launcher, 2, 'no command was given')
}

function startsProgram(launcher: readonly string[]): Outcome {
  const command = [...launcher, '--', 'sh', '-c', 'echo started >&2; exit 7']
  return ends('it starts a program, and ends as that ends', command, 7, 'started')
}

/** Checks that a command ends with this exit code and prints this. */
function ends(
  test: string,
  [program = '', ...args]: readonly string[],
  expected: number,
  said: string,
): Outcome {
  const { status, signal, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 30_000,
  })
  if (status === expected && stderr.includes(said)) return { result: 'passed', test }
  const why = error?.message ?? `it ended with ${signal ?? status} and said:\n${stderr}`
  return { result: 'failed', test, why }
}
