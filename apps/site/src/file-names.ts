/**
 * Makes the names of files to be seen: VitePress shows what stands in brackets behind a block's
 * language in a group of blocks only. So a block of its own becomes a group of one.
 */
export function showFileNames(page: string): string {
  const groups = /(^::: code-group\n[\s\S]*?^:::$)/m
  return page
    .split(groups)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(named, asGroup)))
    .join('')
}

/** A block that stands on the page, or one that is a file of the repository. */
const named = /^```\w+ \[.+\]\n[\s\S]*?^```$|^<<< .+ \[.+\]$/gm

function asGroup(block: string): string {
  return `::: code-group\n\n${block}\n\n:::`
}
