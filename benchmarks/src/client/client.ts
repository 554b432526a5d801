/** Where the load goes: it is spread evenly over the ports. */
export interface Target {
  host: string
  ports: readonly number[]
}

export interface Load {
  /**
   * How many requests are in flight at the same time, a multiple of the number of ports; a client's
   * next request follows at once (a closed loop).
   */
  clients: number
  seconds: number
  /** The load generator's, if it has any: a multiple of the number of ports, the same for all sides. */
  threads: number
}

/** What came back. */
export interface Answers {
  requests: number
  seconds: number
}

/** A program that makes a load. */
export interface Client {
  name: string
  version: string
  /** What readers of the figures should know about it. */
  description: string
  /** @throws if an answer was wrong, or did not come */
  run(target: Target, load: Load): Promise<Answers>
}
