import type { ElfFacts } from './facts.js'

/** The highest version of glibc that a binary needs, such as `2.17`; `undefined` if it needs none. */
export function highestGlibc({ versions }: ElfFacts): string | undefined {
  return versions
    .flatMap((version) => /^GLIBC_([\d.]+)$/.exec(version)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
}
