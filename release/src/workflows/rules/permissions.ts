import type { Rule } from '../rule.js'
import { isMapping, type Mapping } from '../workflow.js'

/** Who may write what; reading the repository is all that any other job may do. */
const granted: Readonly<Record<string, readonly string[]>> = {
  'release.yml version': ['contents', 'pull-requests'],
  'release.yml publish': ['id-token'],
  'release.yml announce': ['contents'],
  'release.yml site': ['pages', 'id-token'],
  'bench.yml deploy': ['pages', 'id-token'],
}

/** The token of a job can do what the job does, and no more. */
export const permissions: Rule = ({ file, value, jobs }) => {
  const found: string[] = []
  if (!isMapping(value.permissions) || Object.keys(value.permissions).length > 0) {
    found.push('the workflow itself must have "permissions: {}"')
  }
  for (const job of jobs) {
    if (isMapping(job.value.permissions)) {
      const mayWrite = granted[`${file} ${job.id}`] ?? []
      found.push(...tooMuch(job.value.permissions, mayWrite).map((it) => `job ${job.id}: ${it}`))
    } else {
      found.push(`job ${job.id} must name its permissions, one by one`)
    }
  }
  return found
}

function tooMuch(wanted: Mapping, mayWrite: readonly string[]): string[] {
  return Object.entries(wanted)
    .filter(([scope, access]) => {
      if (access === 'write') return !mayWrite.includes(scope)
      return access !== 'none' && !(scope === 'contents' && access === 'read')
    })
    .map(([scope, access]) => `"${scope}: ${access}" is not among what it needs`)
}
