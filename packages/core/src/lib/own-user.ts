/** The users as which this process joined groups: the kernel reports which user opened a socket. */
const joinedAs = new Set<number>()

/** Call it on joining a group: other members know this process by its current user, even if that changes. */
export function noteUser(): void {
  const uid = process.geteuid?.()
  if (uid !== undefined) joinedAs.add(uid)
}

/**
 * Whether a user is this process': the current one, or one as which it joined a group. Programs that
 * listen as root and then become another user find each other this way.
 */
export function isOwnUser(uid: number): boolean {
  return uid === process.geteuid?.() || joinedAs.has(uid)
}
