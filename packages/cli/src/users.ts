import { readFileSync } from 'node:fs'

let names: Map<number, string> | undefined

/** The name of a user, or the user's number if /etc/passwd has no name. */
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
    // If a user has two names, the first one counts; getpwuid(3).
    if (name && uid && !found.has(Number(uid))) found.set(Number(uid), name)
  }
  return found
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return '' // A container may not have this file.
  }
}
