/** What a changelog says of one version, or nothing where it does not know it. */
export function sectionOf(changelog: string, version: string): string | undefined {
  const [, ...sections] = changelog.split(/^## /m)
  const section = sections.find((text) => text.split('\n', 1)[0]?.trim() === version)
  return section?.slice(section.indexOf('\n')).trim()
}
