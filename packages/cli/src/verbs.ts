import type { Command } from 'commander'
import { execCommand } from './exec/command.js'

/** One command of the program. */
export interface Verb {
  /** What the help of the program says about it. */
  summary: string
  /** Resolves to a function that adds the arguments, options and action to the command of this name. */
  load: () => Promise<(command: Command) => void>
}

/**
 * The commands of the program, in the order in which its help lists them. `reuse exec` must start fast, so
 * the others are loaded only when they are named.
 */
export const verbs: ReadonlyMap<string, Verb> = new Map([
  [
    'ls',
    {
      summary: 'list who shares a port, or who listens at all',
      load: async () => (await import('./list/command.js')).listCommand,
    },
  ],
  [
    'explain',
    {
      summary: 'say who holds a port, and why a bind to it fails',
      load: async () => (await import('./explain/command.js')).explainCommand,
    },
  ],
  [
    'steer',
    {
      summary: "choose who gets a port's new connections",
      load: async () => (await import('./steer/command.js')).steerCommand,
    },
  ],
  [
    'stop',
    {
      summary: 'ask programs to leave a port, or stop an app',
      load: async () => (await import('./stop/command.js')).stopCommand,
    },
  ],
  [
    'open',
    {
      summary: 'let a running program share its port, without a restart',
      load: async () => (await import('./open/command.js')).openCommand,
    },
  ],
  [
    'exec',
    {
      summary: 'start any program so that it shares its ports',
      load: async () => execCommand,
    },
  ],
  [
    'run',
    {
      summary: 'run an app: workers that share their ports, reloaded without losing a connection',
      load: async () => (await import('./run/command.js')).runCommand,
    },
  ],
  [
    'reload',
    {
      summary: 'replace the workers of an app one by one',
      load: async () => (await import('./reload/command.js')).reloadCommand,
    },
  ],
  [
    'promote',
    {
      summary: 'replace all workers of an app by the version of its canary',
      load: async () => (await import('./promote/command.js')).promoteCommand,
    },
  ],
  [
    'rollback',
    {
      summary: 'end the canary of an app',
      load: async () => (await import('./rollback/command.js')).rollbackCommand,
    },
  ],
  [
    'scale',
    {
      summary: 'change how many workers an app has',
      load: async () => (await import('./scale/command.js')).scaleCommand,
    },
  ],
  [
    'status',
    {
      summary: 'show the workers of an app',
      load: async () => (await import('./status/command.js')).statusCommand,
    },
  ],
  [
    'top',
    {
      summary: 'show what the workers of apps do, live',
      load: async () => (await import('./top/command.js')).topCommand,
    },
  ],
  [
    'logs',
    {
      summary: 'print what the workers of an app have printed',
      load: async () => (await import('./logs/command.js')).logsCommand,
    },
  ],
])
