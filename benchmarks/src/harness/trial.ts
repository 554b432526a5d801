import type { Answers, Client, Load } from '../client/client.js'
import type { Side, Start } from '../sides/side.js'
import { startMeter, type Usage } from './meter.js'
import { canReadProcesses, processesOf, untilCalm } from './processes.js'
import { verify } from './verify.js'

/** One measurement of one side, from fresh processes to their end. */
export interface Trial extends Start {
  client: Client
  load: Load
  /** In seconds; what is answered during the warm-up does not count. */
  warmup: number
}

export interface Outcome extends Answers {
  /** What the system reports about the processes; `null` if it does not. */
  usage: Usage | null
  versions: Readonly<Record<string, string>>
}

export async function runTrial(side: Side, trial: Trial): Promise<Outcome> {
  const { client, load, warmup, network } = trial
  await using running = await side.start(trial)
  const target = { host: network.host, ports: running.ports }
  await verify(network.host, running)
  // When many processes start at once, some still load modules or meet others after all have answered.
  if (canReadProcesses) await untilCalm(processesOf(running))
  await client.run(target, { ...load, seconds: warmup })
  // Requests that the warm-up has left unanswered are answered now: a single process has a longer queue
  // of them than many have, and would spend a good part of the measurement on it.
  await verify(network.host, running)
  const meter = canReadProcesses ? startMeter(running) : null
  const answers = await client.run(target, load)
  if (answers.requests === 0) throw new Error(`no request was answered in ${answers.seconds} s`)
  return { ...answers, usage: meter?.() ?? null, versions: running.versions ?? {} }
}
