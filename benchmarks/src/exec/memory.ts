/** How much memory is used in addition to that of a program that `reuse exec` has started. */
import { readFileSync } from 'node:fs'
import { sum } from 'simple-statistics'
import { memoryOf, processesOf } from '../harness/processes.js'
import { loopback } from '../network/loopback.js'
import type { NodeVersion } from '../node-version.js'
import type { Contest, Metric } from '../rounds.js'
import { exec } from './sides.js'

const launchers: Metric = {
  metric: 'resident memory of launcher and supervisor',
  unit: 'MiB',
  better: 'less',
}
const all: Metric = {
  metric: 'memory of all processes beside the program',
  unit: 'MiB',
  better: 'less',
}

export const launchersName = launchers.metric

export function memoryContest(node: NodeVersion): Contest {
  return {
    name: `memory, Node ${node.version}`,
    parameters: { node: node.version },
    contenders: [
      {
        side: exec.title,
        trial: async () => {
          const network = loopback()
          const start = { node, framework: 'http', handler: 'hello', members: 1, network } as const
          await using running = await exec.start(start)
          const beside = processesOf(running).filter((pid) => !running.workers.includes(pid))
          const native = beside.filter(isLauncher)
          if (native.length !== 2) throw new Error(`${native.length} launchers, not 2`)
          return [
            { metric: launchers, value: sum(native.map((pid) => memoryOf(pid).resident)) },
            { metric: all, value: sum(beside.map((pid) => memoryOf(pid).proportional)) },
          ]
        },
      },
    ],
  }
}

/** The launcher and the supervisor have this name; a Node that could not be replaced has a different one. */
function isLauncher(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('reuse-exec\0')
}
