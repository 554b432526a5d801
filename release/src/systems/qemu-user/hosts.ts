import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { installNode } from '@reuse/testkit'
import { nodeLines } from '../../node-lines.js'
import { cache } from '../cache.js'
import { essential } from '../essential.js'
import type { Host } from '../host.js'
import { qemuVersion } from '../qemu-version.js'

const emulator = 'qemu-aarch64-static'
/** Where Debian puts the C library of the other processor. */
const libraries = '/usr/aarch64-linux-gnu'
const preload = fileURLToPath(new URL('./exec-path.cjs', import.meta.url))

/** The line of Node that runs more than the others; emulated, all files take ten minutes. */
const most = '24'

/** The files that cover most calls that an emulator has; pure TypeScript is the same on every processor. */
const more = [
  'datagram.test.js',
  'group.test.js',
  'inherited.test.js',
  'leaks.test.js',
  'leave.test.js',
  'refusals.test.js',
]

/** Node for arm64, emulated. Needs the packages that lanes.ts lists. */
export async function qemuHosts(): Promise<Host[]> {
  const through = `qemu ${qemuVersion(emulator)}`
  const hosts: Host[] = []
  for (const node of nodeLines) {
    const wrapper = writeWrapper(node, await installNode(node, { os: 'linux', cpu: 'arm64' }))
    hosts.push({
      target: 'linux-arm64-glibc',
      node,
      through,
      command: [wrapper],
      env: {
        EMULATED_NODE: wrapper,
        NODE_OPTIONS: `--require=${preload}`,
        // A program takes a second or more to start; several at once take many seconds.
        TEST_PATIENCE: '120000',
      },
      lacks: {
        // Observed with 7.2, each as an error of the system call.
        peers: 'qemu has no netlink sockets for sock_diag (EPROTONOSUPPORT)',
        queue: 'qemu answers TCP_INFO and SO_MEMINFO with one number',
        holders: 'its tests see by sock_diag who holds what, and qemu has none',
        steering: 'qemu does not know SO_ATTACH_REUSEPORT_CBPF (ENOPROTOOPT)',
        listenOptions: 'qemu does not know SO_INCOMING_CPU (ENOPROTOOPT)',
      },
      only: node === most ? [...essential, ...more] : essential,
      leaveOut: {},
    })
  }
  return hosts
}

/** A program that is the emulated Node; `exec`, so that its pid is Node's own. */
function writeWrapper(node: string, program: string): string {
  const folder = path.join(cache, `arm64-${node}`)
  const file = path.join(folder, 'node')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `#!/bin/sh\nexec ${emulator} -L ${libraries} '${program}' "$@"\n`)
  chmodSync(file, 0o755)
  return file
}
