/** What a member of this thread offers to another one that is about to listen. */
export interface LocalMember {
  /** A duplicate of an orphan; the descriptor still belongs to this member. */
  offerOrphan(pid: number): { inode: number; socket: number } | null
}

/** The members of this thread, by group and id: they cannot wait for each other. */
const members = new Map<string, Map<string, LocalMember>>()

export function registerLocal(key: string, id: string, member: LocalMember): void {
  const known = members.get(key) ?? new Map<string, LocalMember>()
  members.set(key, known.set(id, member))
}

export function unregisterLocal(key: string, id: string): void {
  const known = members.get(key)
  known?.delete(id)
  if (known?.size === 0) members.delete(key)
}

export function isLocal(key: string, id: string): boolean {
  return members.get(key)?.has(id) === true
}

/** By their ids. */
export function localMembers(key: string): ReadonlyMap<string, LocalMember> {
  return new Map(members.get(key))
}
