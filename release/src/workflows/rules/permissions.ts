import type { Rule } from '../rule.js'
import { mapping } from '../workflow.js'

/** Which job may write what; zizmor ensures that every job names its permissions. */
const granted: Readonly<Record<string, readonly string[]>> = {
  'release.yml version': ['contents', 'pull-requests'],
  'release.yml publish': ['id-token'],
  'release.yml announce': ['contents'],
  'release.yml site': ['pages', 'id-token'],
  'bench.yml deploy': ['pages', 'id-token'],
}

/** The token of a job may do what the job needs, and no more. */
export const permissions: Rule = ({ file, jobs }) =>
  jobs.flatMap(({ id, value }) =>
    Object.entries(mapping(value.permissions))
      .filter(([, access]) => access === 'write')
      .filter(([scope]) => !granted[`${file} ${id}`]?.includes(scope))
      .map(([scope]) => `job ${id}: "${scope}: write" is not among what it needs`),
  )
