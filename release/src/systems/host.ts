import type { Need } from '@reuse/testkit'

/** A Node for some system that this machine can run, directly or through an emulator. */
export interface Host {
  /** The name in targets.ts of the binary that is loaded there. */
  target: string
  /** The line of Node, such as `24`. */
  node: string
  /** How it is run, for people: `qemu 7.2`; empty if it runs directly. */
  through: string
  /** The command that starts this Node; arguments follow. */
  command: readonly [string, ...string[]]
  env: NodeJS.ProcessEnv
  /** What the emulator does not support: tests that need it are skipped, with the reason. */
  lacks: Partial<Record<Need, string>>
  /** How long a test file may take, in milliseconds, if that is longer than elsewhere. */
  fileLimit?: number
  /** Only these test files, if time is short; default: all. */
  only?: readonly string[]
  /** Test files that it cannot run at all, with what was observed. */
  leaveOut: Readonly<Record<string, string>>
  /** Ends what a test that was stopped early may have left running. */
  cleanUp?(): void
}
