import { Load, type LoadReport, type LoadSettings } from '../load/load.js'
import { failuresOf, formatFailures } from '../load/tally.js'
import type { Network } from '../network/network.js'
import type { Percentile } from '../statistics.js'

export interface OpenLoop {
  /** New connections a second, with one request each, whatever becomes of the earlier ones. */
  rate: number
  seconds: number
  /** Seconds before that, which do not count. */
  warmup: number
}

/** The latencies of a load that waits for no answer, in milliseconds, from when a request was due. */
export async function measureLatencies(
  node: string,
  network: Network,
  port: number,
  { rate, seconds, warmup }: OpenLoop,
): Promise<number[]> {
  const connections = Math.round(rate * (warmup + seconds))
  const settings: LoadSettings = { rate, connections }
  await using load = await Load.start(node, network, port, settings)
  return latenciesOf(await load.end()).slice(Math.round(rate * warmup))
}

/** @throws if some are missing: without them, the rest would look too good */
export function latenciesOf({ latencies, withheld, newConnections }: LoadReport): number[] {
  if (withheld > 0) throw new Error(`the rate was not kept: ${withheld} requests were not sent`)
  const answered = latencies.filter((latency) => latency !== null)
  if (answered.length < latencies.length || failuresOf(newConnections) > 0) {
    throw new Error(`requests failed: ${formatFailures(newConnections)}`)
  }
  return answered
}

/** What the percentile of a distribution of latencies is called in reports. */
export function latencyName(percentile: Percentile): string {
  return `latency ${percentile}`
}
