import type { IntervalHistogram } from 'node:perf_hooks'
import { builtin } from '../lib/builtin.js'

/** How late an event loop ran its timers in some stretch of time, in milliseconds. */
export interface LoopDelay {
  mean: number
  max: number
}

/** How often the event loop is sampled, in milliseconds. */
const resolution = 20

/** The shortest stretch, in milliseconds: a caller that asks more often gets the same result again. */
const shortest = 500

/** How long the delay is still measured after the last call, in milliseconds. */
const idleTime = 120_000

/** The delay of this thread's event loop, which is measured only while somebody asks for it. */
class LoopDelayMeter {
  #histogram: IntervalHistogram | null = null
  #since = 0
  #last: LoopDelay | null = null
  #idleTimer: NodeJS.Timeout | undefined

  /** The delay since the previous call; `null` in the first call, and in one right after it. */
  ask(): LoopDelay | null {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => this.#stop(), idleTime).unref()
    if (this.#histogram === null) this.#histogram = this.#start()
    else if (performance.now() - this.#since >= shortest) this.#read(this.#histogram)
    return this.#last
  }

  #start(): IntervalHistogram {
    const histogram = builtin.perf().monitorEventLoopDelay({ resolution })
    histogram.enable()
    this.#since = performance.now()
    return histogram
  }

  #read(histogram: IntervalHistogram): void {
    // Its timer has not fired yet.
    if (Number.isNaN(histogram.mean)) return
    this.#last = { mean: lateness(histogram.mean), max: lateness(histogram.max) }
    histogram.reset()
    this.#since = performance.now()
  }

  #stop(): void {
    this.#histogram?.disable()
    this.#histogram = null
    this.#last = null
  }
}

/** The histogram records the time from one run of the timer to the next, in nanoseconds. */
function lateness(interval: number): number {
  return Math.max(0, Math.round(interval / 1000 - resolution * 1000) / 1000)
}

const meter = new LoopDelayMeter()

/**
 * How late this thread's event loop has been since the previous call. The first call starts the measurement
 * and returns `null`.
 */
export function loopDelay(): LoopDelay | null {
  return meter.ask()
}
