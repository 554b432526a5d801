/** How long it takes to start a program that ends immediately, and to learn that it has ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median } from 'simple-statistics'
import type { NodeVersion } from '../node-version.js'
import { repeat } from '../repeat.js'
import type { Contest, Metric, Sample } from '../rounds.js'
import { execCommand } from './command.js'
import { exec } from './sides.js'

const time: Metric = { metric: 'start and end of a program', unit: 'ms', better: 'less' }
const beyond: Metric = {
  metric: 'start beyond Node and the program',
  unit: 'ms',
  better: 'less',
}

export const beyondName = beyond.metric

/** A small program that does nothing. */
const program = ['true']

/** With this module, only Node's own start is left. */
const emptyModule = fileURLToPath(new URL('empty.js', import.meta.url))

/** @param starts how often each program is started for one sample, which is the median */
export function startContest({ program: node, version }: NodeVersion, starts: number): Contest {
  const commands = {
    program,
    node: [node, emptyModule],
    exec: execCommand(node, program),
  }
  const alone = (command: readonly string[]) => async (round: number) => {
    if (round === 0) await timeOf(command)
    return [{ metric: time, value: median(await repeat(starts, () => timeOf(command))) }]
  }
  return {
    name: `start, Node ${version}`,
    parameters: { node: version, starts },
    contenders: [
      { side: 'the program alone', trial: alone(commands.program) },
      { side: 'Node alone', trial: alone(commands.node) },
      {
        side: exec.title,
        trial: async (round) => {
          if (round === 0) await timeOf(commands.exec)
          // In turns: a change on the machine affects all three.
          const times = await repeat(starts, async () => ({
            program: await timeOf(commands.program),
            node: await timeOf(commands.node),
            exec: await timeOf(commands.exec),
          }))
          const more = times.map((each) => each.exec - each.node - each.program)
          const samples: Sample[] = [
            { metric: time, value: median(times.map((each) => each.exec)) },
            { metric: beyond, value: median(more) },
          ]
          return samples
        },
      },
    ],
  }
}

/** Milliseconds from the start of the program until its end is known. */
async function timeOf([file = '', ...args]: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(file, args, { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
  return performance.now() - start
}
