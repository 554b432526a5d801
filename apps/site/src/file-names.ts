/**
 * Makes file names visible: VitePress shows the text in brackets after a block's language only in a
 * group of blocks. So a single block becomes a group of one.
 */
export function showFileNames(page: string): string {
  const groups = /(^::: code-group\n[\s\S]*?^:::$)/m
  return page
    .split(groups)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(named, asGroup)))
    .join('')
}

/** A block on the page itself, or one that is a file of the repository. */
const named = /^```\w+ \[.+\]\n[\s\S]*?^```$|^<<< .+ \[.+\]$/gm

function asGroup(block: string): string {
  return `::: code-group\n\n${block}\n\n:::`
}
