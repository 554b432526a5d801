import type { Rule } from '../rule.js'
import { type Job, mapping } from '../workflow.js'

/** The runners that GitHub has, by version: what `latest` is changes on a day that we do not choose. */
export const knownRunners = [
  'ubuntu-24.04',
  'ubuntu-24.04-arm',
  'windows-2025',
  'windows-11-arm',
  'macos-15',
  'macos-15-intel',
]

export const runners: Rule = ({ jobs }) =>
  jobs
    .filter(({ value }) => !('uses' in value))
    .flatMap((job) =>
      runnersOf(job)
        .filter((name) => !knownRunners.includes(String(name)))
        .map((name) => `job ${job.id}: "${name}" is none of ${knownRunners.join(', ')}`),
    )

function runnersOf({ value }: Job): unknown[] {
  const runsOn = value['runs-on']
  const key = String(runsOn).match(/^\$\{\{ matrix\.([\w-]+) \}\}$/)?.[1]
  if (key === undefined) return [runsOn].flat()
  const { [key]: values, include } = mapping(mapping(value.strategy).matrix)
  const included = Array.isArray(include) ? include.map((entry) => mapping(entry)[key]) : []
  return [values, ...included].flat().filter((name) => name !== undefined)
}
