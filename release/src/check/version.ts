/** A version of two numbers. */
export type Version = readonly [major: number, minor: number]

/** Whether a version, such as `2.28`, is newer than another. */
export function isNewer(version: string, [major, minor]: Version): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor > minor)
}
