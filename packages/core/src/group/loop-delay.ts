import type { IntervalHistogram } from 'node:perf_hooks'
import { builtin } from '../lib/builtin.js'

/** How late an event loop came to its timers in some stretch of time, in milliseconds. */
export interface LoopDelay {
  mean: number
  max: number
}

/** How often the event loop is looked at, in milliseconds. */
const resolution = 20

/** A stretch is at least so long, in milliseconds: who asks more often gets the same again. */
const shortest = 500

/** When nobody has asked for so long, it is not measured any more, in milliseconds. */
const idleTime = 120_000

/** The delay of this thread's event loop, which is measured only while somebody asks for it. */
class LoopDelayMeter {
  #histogram: IntervalHistogram | null = null
  #since = 0
  #last: LoopDelay | null = null
  #idleTimer: NodeJS.Timeout | undefined

  /** Since it was asked before; `null` where that is the first time, or a moment ago. */
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
    // Its timer had no turn yet.
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

/** What is recorded is the time from one turn of the timer to the next, in nanoseconds. */
function lateness(interval: number): number {
  return Math.max(0, Math.round(interval / 1000 - resolution * 1000) / 1000)
}

const meter = new LoopDelayMeter()

/**
 * How late this thread's event loop was since it was asked before. The first time begins the measuring, and
 * gives `null`.
 */
export function loopDelay(): LoopDelay | null {
  return meter.ask()
}
