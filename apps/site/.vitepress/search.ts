/**
 * How much a section counts among the results of a search, beside how often it has the words.
 *
 * The page about something is meant more often than a section with that heading on another page, and
 * the API is for names. VitePress writes this function into the pages: it can use nothing from outside.
 *
 * @param id the address of the page, with an anchor
 * @param word what of the search the section has
 * @param section its heading, `title`; `titles` are the headings above it: none above the page's own
 */
export function weightInSearch(
  id: string,
  word: string,
  section?: Record<string, unknown>,
): number {
  const isPage = Array.isArray(section?.titles) && section.titles.length === 0
  const isAbout = `${section?.title}`.toLowerCase().includes(word.toLowerCase())
  return (id.includes('/api/') ? 0.2 : 1) * (isPage && isAbout ? 4 : 1)
}
