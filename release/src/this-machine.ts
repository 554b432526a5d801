import { existsSync } from 'node:fs'
import { type BinaryTarget, binaryTargets } from './targets.js'

/** How prebuildify and node-gyp-build tell the C libraries of Linux apart. */
const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc'

/** The addon that this machine loads. Throws if there is none. */
export function thisMachine(): BinaryTarget {
  const { platform, arch } = process
  const target = binaryTargets.find(
    (one) =>
      one.kind === 'addon' &&
      one.platform === platform &&
      one.arch === arch &&
      (one.libc ?? libc) === libc,
  )
  if (target === undefined) throw new Error(`there is no prebuilt binary for ${platform}-${arch}`)
  return target
}
