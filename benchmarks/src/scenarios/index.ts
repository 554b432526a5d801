import type { Benchmark } from '../harness/benchmark.js'
import { connections } from './connections.js'
import { cost } from './cost.js'
import { crash } from './crash.js'
import { exec } from './exec.js'
import { manager } from './manager.js'
import { overhead } from './overhead.js'
import { restart } from './restart.js'
import { scale } from './scale.js'
import { steering } from './steering.js'
import { sticky } from './sticky.js'
import { tail } from './tail.js'
import { throughput } from './throughput.js'

/** One file for each scenario, or for a family of them; in the order in which they run. */
const all: readonly Benchmark[] = [
  throughput,
  connections,
  scale,
  cost,
  tail,
  restart,
  crash,
  sticky,
  steering,
  overhead,
  exec,
  manager,
]

export const scenarios: ReadonlyMap<string, Benchmark> = new Map(
  all.map((scenario) => [scenario.name, scenario]),
)
