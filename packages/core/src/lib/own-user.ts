/** The users that this process was when it joined groups: the kernel tells of a socket who opened it. */
const joinedAs = new Set<number>()

/** A group is joined: other members know this process by its user of now, also when it becomes another. */
export function noteUser(): void {
  const uid = process.geteuid?.()
  if (uid !== undefined) joinedAs.add(uid)
}

/**
 * Whether a user is this process': the one of now, or one that it was when it joined a group. A program
 * that listens as root, and then becomes another user, is met by those that do the same.
 */
export function isOwnUser(uid: number): boolean {
  return uid === process.geteuid?.() || joinedAs.has(uid)
}
