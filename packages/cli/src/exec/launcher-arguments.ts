import { fileURLToPath } from 'node:url'
import type { GroupPolicy } from '@reuse/core/group'
import { formatPolicy } from '../policy.js'

export interface PortMap {
  from: number
  to: number
}

export interface ExecOptions {
  port?: number[]
  map?: PortMap[]
  address?: string
  sourceAddress?: string
  weight: number
  steering?: GroupPolicy
  /** In seconds. */
  leaveTimeout: number
  /** In seconds. */
  drain: number
  stopSignal: number
  mechanism: 'auto' | 'seccomp' | 'preload'
  verbose?: boolean
}

/** The arguments of the launcher, which trusts them: all of them have been checked. */
export function launcherArguments(
  {
    library,
    port = [],
    map = [],
    address,
    sourceAddress,
    weight,
    steering,
    ...rest
  }: ExecOptions & { library: string },
  command: readonly string[],
): string[] {
  return [
    ...port.map((one) => `--port=${one}`),
    ...map.map(({ from, to }) => `--map=${from}:${to}`),
    ...(address === undefined ? [] : [`--address=${address}`]),
    ...(sourceAddress === undefined ? [] : [`--source-address=${sourceAddress}`]),
    `--weight=${weight}`,
    ...(steering === undefined ? [] : [`--steering=${formatPolicy(steering)}`]),
    `--leave-timeout=${Math.round(rest.leaveTimeout * 1000)}`,
    `--drain=${Math.round(rest.drain * 1000)}`,
    `--stop-signal=${rest.stopSignal}`,
    `--mechanism=${rest.mechanism}`,
    `--preload=${library}`,
    `--node=${process.execPath}`,
    `--helper=${fileURLToPath(new URL('./exec/helper.js', import.meta.url))}`,
    ...(rest.verbose ? ['--verbose'] : []),
    '--',
    ...command,
  ]
}
