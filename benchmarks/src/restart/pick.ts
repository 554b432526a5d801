/** Some of a list, at random: members at the end of a group are not like those in its middle. */
export function pick<T>(list: readonly T[], count: number): T[] {
  const rest = [...list]
  return Array.from({ length: count }, () =>
    rest.splice(Math.floor(Math.random() * rest.length), 1),
  ).flat()
}
