import { clusterNone, clusterRoundRobin } from './cluster.js'
import { nginx } from './nginx.js'
import { pm2 } from './pm2.js'
import { reuse } from './reuse.js'
import { reusePort } from './reuse-port.js'
import { reuseRun } from './reuse-run.js'
import { separatePorts } from './separate-ports.js'
import type { Side } from './side.js'
import { single } from './single.js'

/** In the order of the tables. */
const all: readonly Side[] = [
  single,
  reuse,
  reuseRun,
  reusePort,
  clusterRoundRobin,
  clusterNone,
  pm2,
  nginx,
  separatePorts,
]

export const sides: ReadonlyMap<string, Side> = new Map(all.map((side) => [side.name, side]))
