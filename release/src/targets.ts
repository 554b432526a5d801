/**
 * What is prebuilt, its package below `packages/`, and its file name. Core's addon is loaded by
 * node-gyp-build, which reads the C library before the extension; the launcher is the program with
 * which `reuse exec` starts others, and the preload library is its fallback.
 */
const kinds = {
  addon: { owner: 'core', stem: 'reuse', extension: '.node' },
  launcher: { owner: 'cli', stem: 'reuse-exec', extension: '' },
  preload: { owner: 'cli', stem: 'reuse-preload', extension: '.so' },
} as const

/** A binary that is published, and what it is made for. */
export interface BinaryTarget {
  kind: keyof typeof kinds
  /** As in node-gyp-build's name for the folder. */
  platform: 'linux' | 'win32' | 'darwin'
  arch: 'x64' | 'arm64'
  /** Which C library, if a system has several and the binary is for only one of them. */
  libc?: 'glibc' | 'musl'
}

/** Every binary that is published. */
export const binaryTargets: readonly BinaryTarget[] = [
  { kind: 'addon', platform: 'linux', arch: 'x64', libc: 'glibc' },
  { kind: 'addon', platform: 'linux', arch: 'arm64', libc: 'glibc' },
  { kind: 'addon', platform: 'linux', arch: 'x64', libc: 'musl' },
  { kind: 'addon', platform: 'linux', arch: 'arm64', libc: 'musl' },
  { kind: 'addon', platform: 'win32', arch: 'x64' },
  { kind: 'addon', platform: 'win32', arch: 'arm64' },
  { kind: 'addon', platform: 'darwin', arch: 'x64' },
  { kind: 'addon', platform: 'darwin', arch: 'arm64' },
  { kind: 'launcher', platform: 'linux', arch: 'x64' },
  { kind: 'launcher', platform: 'linux', arch: 'arm64' },
  { kind: 'preload', platform: 'linux', arch: 'x64' },
  { kind: 'preload', platform: 'linux', arch: 'arm64' },
]

/** A package below `packages/` that has binaries. */
export type BinaryOwner = (typeof kinds)[BinaryTarget['kind']]['owner']

/** All packages that have binaries, each once. */
export const binaryOwners: readonly BinaryOwner[] = [
  ...new Set(Object.values(kinds).map(({ owner }) => owner)),
]

/** The package that a binary is published in. */
export function binaryOwner({ kind }: BinaryTarget): BinaryOwner {
  return kinds[kind].owner
}

/** Where its package looks for the binary, below `prebuilds/`; always with `/`. */
export function binaryPath({ kind, platform, arch, libc }: BinaryTarget): string {
  const { stem, extension } = kinds[kind]
  return `${platform}-${arch}/${stem}${libc === undefined ? '' : `.${libc}`}${extension}`
}

/** The same, below `packages/`. */
export function binaryFile(target: BinaryTarget): string {
  return `${binaryOwner(target)}/prebuilds/${binaryPath(target)}`
}

/** The name under which a binary is built, the same for every system. */
export function buildName({ kind }: BinaryTarget): string {
  return kinds[kind].stem + kinds[kind].extension
}

/** The name that is shown to people, such as `linux-x64-musl` and `linux-x64-launcher`. */
export function targetName({ kind, platform, arch, libc }: BinaryTarget): string {
  const rest = kind === 'addon' ? [] : [kind]
  return [platform, arch, ...(libc === undefined ? [] : [libc]), ...rest].join('-')
}
