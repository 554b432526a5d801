/** What a prebuilt binary is made for. */
export interface BinaryTarget {
  /** As node-gyp-build names the folder. */
  platform: 'linux' | 'win32' | 'darwin'
  arch: 'x64' | 'arm64'
  /** Which C library, where a system has several. */
  libc?: 'glibc' | 'musl'
}

/** Every system that core has a prebuilt binary for. */
export const binaryTargets: readonly BinaryTarget[] = [
  { platform: 'linux', arch: 'x64', libc: 'glibc' },
  { platform: 'linux', arch: 'arm64', libc: 'glibc' },
  { platform: 'linux', arch: 'x64', libc: 'musl' },
  { platform: 'linux', arch: 'arm64', libc: 'musl' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'win32', arch: 'arm64' },
  { platform: 'darwin', arch: 'x64' },
  { platform: 'darwin', arch: 'arm64' },
]

/** The name of a binary's file; node-gyp-build reads the C library in it. */
const stem = 'reuse'

/** Where node-gyp-build looks for it, below `prebuilds/`; always with `/`. */
export function binaryPath({ platform, arch, libc }: BinaryTarget): string {
  return `${platform}-${arch}/${libc === undefined ? stem : `${stem}.${libc}`}.node`
}

/** How people are told of it, as `linux-x64-musl`. */
export function targetName({ platform, arch, libc }: BinaryTarget): string {
  return [platform, arch, ...(libc === undefined ? [] : [libc])].join('-')
}
