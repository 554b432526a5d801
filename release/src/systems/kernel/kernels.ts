import type { DebianPackage } from '../../debian/packages.js'

/** A Debian kernel that an emulated machine starts. */
export interface Kernel {
  /** The name of its lane. */
  target: string
  arch: 'x64' | 'arm64'
  /** Debian's name for the processor. */
  debianArch: 'amd64' | 'arm64'
  /** The release of Debian whose kernel it is; default: that of this machine. */
  release?: string
  /** Folders of this machine that make up the system that it starts, in addition to the initial one. */
  folders: readonly { from: string; to: string }[]
  /** Where `bin` and others are in those folders. */
  links: Readonly<Record<string, string>>
  /** The emulator, and what differs for this processor. */
  emulator: readonly [string, ...string[]]
  console: string
}

const x64 = {
  arch: 'x64',
  debianArch: 'amd64',
  folders: [{ from: '/usr', to: '/usr' }],
  links: { bin: 'usr/bin', sbin: 'usr/sbin', lib: 'usr/lib', lib64: 'usr/lib64' },
  emulator: ['qemu-system-x86_64', '-M', 'q35', '-cpu', 'max'],
  console: 'ttyS0',
} as const

const arm64 = {
  arch: 'arm64',
  debianArch: 'arm64',
  folders: [{ from: '/usr/aarch64-linux-gnu/lib', to: '/lib' }],
  links: {},
  // Without the second CPU option, half of the time is spent on signing pointers.
  emulator: ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'max,pauth-impdef=on'],
  console: 'ttyAMA0',
} as const

/**
 * Debian has no older kernels on its mirrors: steering begins with Linux 4.5, and 4.19 was the last
 * before pidfd_getfd (5.6) and the option that removes a filter (5.3).
 */
export const kernels: readonly Kernel[] = [
  { target: 'linux-x64-5.10', release: 'bullseye', ...x64 },
  { target: 'linux-x64-6.12', release: 'trixie', ...x64 },
  { target: 'linux-arm64-kernel', ...arm64 },
]

const cpio = { name: 'cpio', file: '/usr/bin/cpio' }
const ofX64 = { name: 'qemu-system-x86', file: '/usr/bin/qemu-system-x86_64' }
const ofArm64 = { name: 'qemu-system-arm', file: '/usr/bin/qemu-system-aarch64' }

export function packagesFor({ arch }: Kernel): DebianPackage[] {
  return [cpio, arch === 'x64' ? ofX64 : ofArm64]
}
