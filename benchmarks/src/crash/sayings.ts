/** Reports of programs without a channel to this one, in files named after their process; their signals. */
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const signals = { crash: 'SIGUSR2', block: 'SIGHUP' } as const

export type Saying = 'serves' | 'blocks'

/** Reports something about this program. */
export function sayIn(folder: string, saying: Saying): void {
  writeFileSync(path.join(folder, `${process.pid}.${saying}`), '')
}

/** The process ids of all programs that have reported this. */
export function whoSaid(folder: string, saying: Saying): number[] {
  const ending = `.${saying}`
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return names.map((name) => Number(name.slice(0, -ending.length)))
}
