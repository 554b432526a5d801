import { fileURLToPath } from 'node:url'
import { installNode } from '@reuse/testkit'
import type { Host } from '../host.js'
import { qemuVersion } from '../qemu-version.js'
import { makeGuest } from './guest.js'
import type { Kernel } from './kernels.js'

const runner = fileURLToPath(new URL('./run.js', import.meta.url))

/** The line of Node that runs there. */
const node = '24'

/** Files that use the kernel most and start few programs: each program takes some seconds to start there. */
const chosen = [
  'custody.test.js',
  'departure.test.js',
  'lock.test.js',
  'peers.test.js',
  'platform.test.js',
  'steering/kernel.test.js',
]

/** How long one of these files may take there, in milliseconds. */
const fileLimit = 420_000

/** A Node under its own kernel, in an emulated machine that is started for each test file. */
export async function kernelHost(kernel: Kernel): Promise<Host[]> {
  const { version } = await makeGuest(kernel)
  const program = await installNode(node, { os: 'linux', cpu: kernel.arch })
  const [emulator] = kernel.emulator
  return [
    {
      target: kernel.target,
      node,
      through: `Linux ${version}, qemu ${qemuVersion(emulator)}`,
      command: [process.execPath, runner, kernel.target, program],
      // A program takes some seconds to start there.
      env: { TEST_PATIENCE: '120000' },
      lacks: {},
      only: chosen,
      fileLimit,
      leaveOut: {},
    },
  ]
}
