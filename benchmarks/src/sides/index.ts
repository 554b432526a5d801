import { reuse } from './reuse.js'
import { reusePort } from './reuse-port.js'
import { separatePorts } from './separate-ports.js'
import type { Side } from './side.js'
import { single } from './single.js'

/** In the order of the tables. */
const all: readonly Side[] = [single, reuse, reusePort, separatePorts]

export const sides: ReadonlyMap<string, Side> = new Map(all.map((side) => [side.name, side]))
