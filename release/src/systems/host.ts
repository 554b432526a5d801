import type { Need } from '@reuse/testkit'

/** A Node of some system that this machine can run, by itself or through an emulator. */
export interface Host {
  /** As targets.ts names the binary that is loaded there. */
  target: string
  /** The line of Node, as `24`. */
  node: string
  /** How it is run, for people: `qemu 7.2`; empty where nothing stands between. */
  through: string
  /** The command that starts this Node; arguments follow. */
  command: readonly [string, ...string[]]
  env: NodeJS.ProcessEnv
  /** What the emulator does not carry: tests that need it are skipped, with the reason. */
  lacks: Partial<Record<Need, string>>
  /** How long a test file may take, in milliseconds, where that is longer than elsewhere. */
  fileLimit?: number
  /** Only these test files, where time is short; without it, all. */
  only?: readonly string[]
  /** Test files that it cannot run at all, with what was seen. */
  leaveOut: Readonly<Record<string, string>>
  /** Ends what a test that was cut off may have left running. */
  cleanUp?(): void
}
