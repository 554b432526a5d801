import { readFileSync } from 'node:fs'

let names: Map<number, string> | undefined

/** The name of a user; its number where /etc/passwd has none. */
export function userName(uid: number): string {
  names ??= readNames()
  return names.get(uid) ?? String(uid)
}

export function ownUid(): number {
  return process.geteuid?.() ?? -1
}

function readNames(): Map<number, string> {
  const found = new Map<number, string>()
  for (const line of readPasswd().split('\n')) {
    const [name, , uid] = line.split(':')
    // Of two names for one user the first is the one that counts; getpwuid(3).
    if (name && uid && !found.has(Number(uid))) found.set(Number(uid), name)
  }
  return found
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return '' // A container may do without.
  }
}
