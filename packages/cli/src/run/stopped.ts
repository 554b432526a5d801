import { once } from 'node:events'
import type { Supervisor } from '@reuse/cli'

export async function whenAllHaveStopped(supervisors: readonly Supervisor[]): Promise<void> {
  await Promise.all(supervisors.map((supervisor) => once(supervisor, 'stopped')))
}
