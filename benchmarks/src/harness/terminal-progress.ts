import type { Progress } from './benchmark.js'
import { formatTime } from './format-time.js'
import { withoutFolders } from './without-folders.js'

/** The shortest time between two lines if the output cannot be overwritten, in milliseconds. */
const pause = 10_000

interface Failure {
  scenario: string
  what: string
  reason: string
}

/** Shows on the terminal what is running, and about how much time is left. */
export class TerminalProgress implements Progress {
  readonly versions: Record<string, string> = {}
  readonly failures: Failure[] = []
  readonly #retaken: Failure[] = []
  readonly #estimates: ReadonlyMap<string, number>
  readonly #start = performance.now()
  #scenario = ''
  #before = 0
  #last = Number.NEGATIVE_INFINITY

  /** @param estimates of each scenario, in seconds, in their order */
  constructor(estimates: ReadonlyMap<string, number>) {
    this.#estimates = estimates
  }

  /** The next scenario begins. */
  begin(scenario: string): void {
    this.#before += this.#estimates.get(this.#scenario) ?? 0
    this.#scenario = scenario
    this.#last = Number.NEGATIVE_INFINITY
  }

  step(what: string, done: number, total: number): void {
    const left = formatTime(this.#secondsLeft(done / total))
    this.#show(`${this.#scenario}: ${what}; about ${left} left`)
  }

  again(what: string, error: unknown): void {
    this.#retaken.push(this.#tell(what, 'failed, and is repeated', error))
  }

  fail(what: string, error: unknown): void {
    this.failures.push(this.#tell(what, 'failed', error))
  }

  /** What a scenario had to leave out, or to repeat, for its report. */
  failed(scenario: string): { side: string; reason: string }[] {
    const listed = (failures: readonly Failure[], attempt: string) =>
      failures
        .filter((failure) => failure.scenario === scenario)
        .map(({ what, reason }) => ({ side: `${what}${attempt}`, reason: `failed: ${reason}` }))
    return [...listed(this.failures, ''), ...listed(this.#retaken, ', the first attempt')]
  }

  tookPart(versions: Readonly<Record<string, string>>): void {
    Object.assign(this.versions, versions)
  }

  /** Removes the line that should not stay. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }

  #tell(what: string, how: string, error: unknown): Failure {
    this.clear()
    const text = error instanceof Error ? error.message : String(error)
    const [reason = ''] = withoutFolders(text).split('\n', 1)
    console.error(`${this.#scenario}: ${what} ${how}\n${text}`)
    return { scenario: this.#scenario, what, reason }
  }

  /** The estimate, corrected by how long the run has really taken so far. */
  #secondsLeft(part: number): number {
    const all = [...this.#estimates.values()].reduce((sum, seconds) => sum + seconds, 0)
    const done = this.#before + part * (this.#estimates.get(this.#scenario) ?? 0)
    const took = (performance.now() - this.#start) / 1000
    // The first steps say little about the pace.
    const pace = done > 0.05 * all ? took / done : 1
    return (all - done) * pace
  }

  #show(line: string): void {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line.slice(0, process.stderr.columns - 1)}`)
    } else if (performance.now() - this.#last > pause) {
      this.#last = performance.now()
      console.error(line)
    }
  }
}
