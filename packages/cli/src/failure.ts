/** The exit codes of the command; the README and the help have the same table. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, unsupported: 3 } as const

/** A command could not do what was asked. The message says what happened, to what, and what to do. */
export class Failure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.name = 'Failure'
    this.exitCode = exitCode
  }
}

/** The command line is ambiguous, or wrong. */
export function wrongUsage(message: string): Failure {
  return new Failure(message, exitCodes.wrongUsage)
}

/**
 * Refuses a command that works on Linux only.
 *
 * @param advice why, or what to use instead
 */
export function requireLinux(command: string, advice = 'Only Linux shows who has a socket.'): void {
  if (process.platform === 'linux') return
  const message = `'reuse ${command}' needs Linux, and this is ${process.platform}. ${advice}`
  throw new Failure(message, exitCodes.unsupported)
}

/** Whether apps can be managed on this system. */
export const canManage = ['linux', 'darwin', 'win32'].includes(process.platform)

/** Refuses a command about apps on a system where apps cannot be managed. */
export function requireManager(command: string): void {
  if (canManage) return
  const message = `'reuse ${command}' needs Linux, macOS or Windows, and this is ${process.platform}. Use Node's cluster module here.`
  throw new Failure(message, exitCodes.unsupported)
}

const unsupported = new Set([
  ...['ERR_REUSE_ADDON', 'ERR_REUSE_UNSUPPORTED', 'ERR_SUPERVISE_UNSUPPORTED', 'ENOSYS'],
])

export function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.exitCode
  return unsupported.has(codeOf(error) ?? '') ? exitCodes.unsupported : exitCodes.failed
}

/** What an error says; its stack if it is a bug in this program. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isExpected = error instanceof Failure || codeOf(error) !== undefined
  return isExpected ? error.message : (error.stack ?? error.message)
}

/** The code of a system error, or of an error of `@reuse`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
