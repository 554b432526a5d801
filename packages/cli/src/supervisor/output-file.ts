import fs from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** The longest file, in bytes; a longer one is emptied when it has been read. */
const longestFile = 4 * 2 ** 20
/** The longest line, in characters; a longer one is passed on in parts. */
const longestLine = 64 * 2 ** 10
/** How much is read at a time, in bytes, and how often before others have their turn. */
const chunk = 64 * 2 ** 10
const chunksPerTurn = 16
const mostLastTurns = 16

/** Shared by all files: what is read is decoded immediately. */
const buffer = Buffer.allocUnsafe(chunk)

/**
 * What a worker writes to its standard output or error: a file rather than a pipe, so that EPIPE does not end
 * the worker when its manager ends.
 */
export class OutputFile {
  readonly path: string
  readonly #descriptor: number
  readonly #onLine: (line: string) => void
  readonly #decoder = new StringDecoder()
  #position: number
  #rest = ''

  /** @param from where to begin: `'start'`, or `'end'` for a file that another manager has followed so far */
  constructor(path: string, from: 'start' | 'end', onLine: (line: string) => void) {
    this.path = path
    this.#onLine = onLine
    this.#descriptor = fs.openSync(path, 'a+', 0o600)
    this.#position = from === 'start' ? 0 : fs.fstatSync(this.#descriptor).size
  }

  /** The descriptor that the worker gets: what it writes always goes to the end of the file. */
  get descriptor(): number {
    return this.#descriptor
  }

  /** Reads what is new. Returns whether there may be more. */
  read(): boolean {
    for (let count = 0; count < chunksPerTurn; count++) {
      const length = fs.readSync(this.#descriptor, buffer, 0, chunk, this.#position)
      this.#position += length
      this.#take(this.#decoder.write(buffer.subarray(0, length)))
      if (length < chunk) {
        this.#cut()
        return false
      }
    }
    return true
  }

  /** Reads the rest, even if its last line has no end, and closes the file. */
  close(): void {
    // A process that the worker has left behind may write faster than this reads.
    for (let turns = 0; turns < mostLastTurns && this.read(); turns++);
    if (this.#rest !== '') this.#onLine(this.#rest)
    this.#rest = ''
    fs.closeSync(this.#descriptor)
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#onLine(line)
    if (this.#rest.length < longestLine) return
    this.#onLine(this.#rest)
    this.#rest = ''
  }

  /** What is written between the last read and this is lost. */
  #cut(): void {
    const { size } = fs.fstatSync(this.#descriptor)
    if (size < this.#position) this.#position = 0 // Somebody else has truncated it.
    if (this.#position < longestFile || size > this.#position) return
    this.#empty()
    this.#position = 0
  }

  #empty(): void {
    // On Windows a descriptor that appends can do nothing else.
    if (process.platform === 'win32') fs.truncateSync(this.path)
    else fs.ftruncateSync(this.#descriptor, 0)
  }
}

/** The last lines of a file that this manager has not read yet. */
export function tailOf(path: string, count: number): string[] {
  const descriptor = fs.openSync(path, 'r')
  try {
    const { size } = fs.fstatSync(descriptor)
    const start = Math.max(0, size - chunk)
    const end = Buffer.alloc(size - start)
    const length = fs.readSync(descriptor, end, 0, end.length, start)
    const lines = end.toString('utf8', 0, length).split('\n')
    if (start > 0) lines.shift()
    if (lines.at(-1) === '') lines.pop()
    return lines.slice(-count)
  } finally {
    fs.closeSync(descriptor)
  }
}
