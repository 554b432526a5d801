import { sum } from 'simple-statistics'
import type { Benchmark, Progress, Settings } from './benchmark.js'

/** A part of a scenario: it has its own cases, and may have none on this machine. */
export type Part = Pick<Benchmark, 'estimate' | 'measure'>

/** One scenario made of parts, which run one after the other. The settings of the first part win. */
export function joined(
  { name, question }: Pick<Benchmark, 'name' | 'question'>,
  parts: readonly [Part, ...Part[]],
): Benchmark {
  return {
    name,
    question,
    estimate: (settings) => sum(parts.map((part) => part.estimate(settings))),
    measure: async (settings, progress) => {
      const [first, ...others] = parts
      const all = progressOfParts(parts, settings, progress)
      const scenario = await first.measure(settings, all(first))
      for (const part of others) {
        const more = await part.measure(settings, all(part))
        scenario.cases.push(...more.cases)
        for (const each of more.skipped) {
          if (!scenario.skipped.some(({ side }) => side === each.side)) scenario.skipped.push(each)
        }
        scenario.settings = { ...more.settings, ...scenario.settings }
      }
      return { ...scenario, name, question }
    },
  }
}

/** The progress of a part counts for the share of the whole that the part is estimated to take. */
function progressOfParts(parts: readonly Part[], settings: Settings, progress: Progress) {
  const estimates = parts.map((part) => part.estimate(settings))
  const whole = sum(estimates)
  return (part: Part): Progress => {
    const index = parts.indexOf(part)
    const before = sum(estimates.slice(0, index))
    const share = estimates[index] ?? 0
    return {
      step: (what, done, total) => progress.step(what, before + (share * done) / total, whole),
      again: (what, error) => progress.again(what, error),
      fail: (what, error) => progress.fail(what, error),
      tookPart: (versions) => progress.tookPart(versions),
    }
  }
}
