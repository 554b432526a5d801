import { mkdirSync } from 'node:fs'
import path from 'node:path'

/** A folder of this machine that is visible inside. */
export interface Mount {
  from: string
  /** Without a `/` at its beginning. */
  to: string
}

/**
 * The command that runs another inside a root folder: in a separate mount namespace, which ends with
 * it, on this machine's network, and in the same process that was started.
 */
export function insideOf(
  root: string,
  mounts: readonly Mount[],
  command: readonly string[],
): [string, ...string[]] {
  for (const { to } of mounts) mkdirSync(path.join(root, to), { recursive: true })
  const script = [
    'mount -t proc proc "$1/proc"',
    ...mounts.map(({ from, to }) => `mount --bind ${quote(from)} "$1"/${quote(to)}`),
    'exec chroot "$@"',
  ].join(' && ')
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', root, ...command]
}

/** Quotes a word so that a shell takes it literally. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
