/** Where the load goes: it is spread evenly over the ports. */
export interface Target {
  host: string
  ports: readonly number[]
}

export interface Load {
  /**
   * How many requests are under way at the same time, a multiple of the ports; the next of a client
   * follows at once (a closed loop).
   */
  clients: number
  seconds: number
  /** Of the load generator, a multiple of the ports, where it has any; the same for all sides. */
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
  /** What it is to be known of it beside the figures. */
  description: string
  /** @throws where one answer was not right, or did not come */
  run(target: Target, load: Load): Promise<Answers>
}
