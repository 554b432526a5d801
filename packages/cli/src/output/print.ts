/** What is printed: results on standard output, everything else on standard error. */

type StreamName = 'stdout' | 'stderr'

const used = new Set<StreamName>()

/** Standard output or error. They are made when they are needed: `reuse exec` needs none of its own. */
export function standard(name: StreamName): NodeJS.WriteStream {
  const stream = process[name]
  if (!used.has(name)) {
    used.add(name)
    stream.on('error', endQuietlyWithTheReader)
  }
  return stream
}

/** `reuse ls | head -1` is no failure: whoever reads has seen enough. */
function endQuietlyWithTheReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}

/** `reuse run` goes on when nobody reads any more, or for a while, what it prints: its workers serve. */
export function goOnWithoutTheReader(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = standard(name)
    stream.off('error', endQuietlyWithTheReader).on('error', () => {})
    if (stream.isTTY) bufferWrites(stream)
  }
}

/**
 * Node writes to a terminal synchronously, so that one that is stopped (Ctrl-S) would stop this process too. It has
 * no public call to change that: where it has not this one either, it stays so.
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
 * Text without control characters, except ends of lines: a program names itself as it likes, and
 * might send commands to the terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
