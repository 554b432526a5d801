import type { DebianPackage } from '../debian/packages.js'
import type { Host } from './host.js'
import { kernelHost } from './kernel/hosts.js'
import { kernels, packagesFor } from './kernel/kernels.js'
import { checkLauncher } from './launcher.js'
import { checkMusl } from './musl/check.js'
import { nativeHosts } from './native.js'
import type { Run } from './outcome.js'
import { checkPreload } from './preload.js'
import { qemuHosts } from './qemu-user/hosts.js'
import { wineHosts } from './wine.js'

/** A way to run the binaries of a target, and what it needs. */
export interface Lane {
  target: string
  packages: readonly DebianPackage[]
  /** Whether it runs only when requested by name, because it takes long. */
  onDemand?: boolean
  /** Its Nodes, each of which runs the tests of core. */
  hosts?(): Promise<Host[]>
  /** If there is no Node: checks what can be tried without one. */
  check?(): Promise<Run>
}

const qemu = { name: 'qemu-user-static', file: '/usr/bin/qemu-aarch64-static' }
const musl = { name: 'musl', file: '/lib/ld-musl-x86_64.so.1' }
const armGlibc = { name: 'libc6-arm64-cross', file: '/usr/aarch64-linux-gnu/lib/libc.so.6' }
/** The libraries that Node for arm64 takes from the system. */
const armLibraries = [
  armGlibc,
  { name: 'libgcc-s1-arm64-cross', file: '/usr/aarch64-linux-gnu/lib/libgcc_s.so.1' },
  { name: 'libatomic1-arm64-cross', file: '/usr/aarch64-linux-gnu/lib/libatomic.so.1' },
  { name: 'libstdc++6-arm64-cross', file: '/usr/aarch64-linux-gnu/lib/libstdc++.so.6' },
]

export const lanes: readonly Lane[] = [
  { target: 'linux-x64-glibc', packages: [], hosts: nativeHosts },
  {
    target: 'linux-x64-musl',
    packages: [musl],
    check: () => checkMusl('x64'),
  },
  {
    target: 'linux-arm64-musl',
    packages: [qemu],
    check: () => checkMusl('arm64'),
  },
  { target: 'linux-x64-launcher', packages: [], check: () => checkLauncher('x64') },
  { target: 'linux-arm64-launcher', packages: [qemu], check: () => checkLauncher('arm64') },
  { target: 'linux-x64-preload', packages: [musl], check: () => checkPreload('x64') },
  { target: 'linux-arm64-preload', packages: [qemu, armGlibc], check: () => checkPreload('arm64') },
  {
    target: 'win32-x64',
    packages: [], // They are in the Debian that has this Wine.
    hosts: wineHosts,
  },
  {
    target: 'linux-arm64-glibc',
    packages: [qemu, ...armLibraries],
    hosts: qemuHosts,
  },
  ...kernels.map((kernel) => ({
    target: kernel.target,
    packages: [...packagesFor(kernel), ...(kernel.arch === 'arm64' ? armLibraries : [])],
    onDemand: true,
    hosts: () => kernelHost(kernel),
  })),
]

/** The targets that no lane runs. */
export const neverRun: readonly string[] = ['win32-arm64', 'darwin-x64', 'darwin-arm64']
