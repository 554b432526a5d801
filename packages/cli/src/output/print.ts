/** What is printed: results on standard output, everything else on standard error. */

type StreamName = 'stdout' | 'stderr'

const used = new Set<StreamName>()

/** Standard output or error. They are created only when needed: `reuse exec` itself needs neither. */
export function standard(name: StreamName): NodeJS.WriteStream {
  const stream = process[name]
  if (!used.has(name)) {
    used.add(name)
    stream.on('error', endQuietlyWithTheReader)
  }
  return stream
}

/** `reuse ls | head -1` is not a failure: the reader has seen enough. */
function endQuietlyWithTheReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}

/** `reuse run` goes on when its output is no longer read, or not read for a while: its workers serve. */
export function goOnWithoutTheReader(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = standard(name)
    stream.off('error', endQuietlyWithTheReader).on('error', () => {})
    if (stream.isTTY) bufferWrites(stream)
  }
}

/**
 * Node writes to a terminal synchronously, so a terminal that is stopped (Ctrl-S) would stop this process
 * too. Node has no public call to change that. If it does not have this one either, writes stay synchronous.
 */
function bufferWrites(stream: NodeJS.WriteStream): void {
  const handle: unknown = '_handle' in stream ? stream._handle : null
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return
  if (typeof handle.setBlocking === 'function') handle.setBlocking(false)
}

export function print(text: string): void {
  standard('stdout').write(`${text}\n`)
}

export function printJson(value: unknown): void {
  standard('stdout').write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Says what went wrong. */
export function complain(message: string): void {
  standard('stderr').write(`reuse: ${printable(message)}\n`)
}

/** Says what else is worth knowing. */
export function note(message: string): void {
  standard('stderr').write(`${printable(message)}\n`)
}

/**
 * Text without control characters, except line ends: a program can give itself any name, and might send
 * commands to the terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
