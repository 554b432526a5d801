import type { GroupPolicy } from '@reuse/core/group'

export const policyNames = ['hash', 'random', 'source-address', 'cpu'] as const

/** The policies as they are typed and shown. */
export const policyForms = `${policyNames.join(', ')}, payload:OFFSET:LENGTH`

export function formatPolicy(policy: GroupPolicy): string {
  if (typeof policy === 'string') return policy
  return `payload:${policy.payload.offset}:${policy.payload.length}`
}
