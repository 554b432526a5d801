import { execFileSync } from 'node:child_process'

/** The version of one of qemu's programs, such as `7.2.19`. */
export function qemuVersion(program: string): string {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' })
  return /version ([\d.]+)/.exec(said)?.[1] ?? 'of unknown version'
}
