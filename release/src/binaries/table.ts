import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import Table from 'cli-table3'
import { highestGlibc } from '../check/glibc.js'
import { readBinary } from '../check/read-binary.js'
import { type BinaryTarget, binaryFile, targetName } from '../targets.js'

/** A table of what was built: the size, the hash, and the glibc that it needs. */
export function binariesTable(folder: string, targets: readonly BinaryTarget[]): string {
  const table = new Table({
    head: ['target', 'bytes', 'sha256', 'glibc'],
    colAligns: ['left', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  })
  for (const target of targets) {
    const bytes = readFileSync(path.join(folder, binaryFile(target)))
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
    const facts = readBinary(bytes)
    const version = facts.format === 'ELF' ? highestGlibc(facts) : undefined
    table.push([targetName(target), bytes.length, hash, version ?? ''])
  }
  return table.toString()
}
