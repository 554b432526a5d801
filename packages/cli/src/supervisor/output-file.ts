import fs from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

/** A longer file is emptied when it has been read, in bytes. */
const longestFile = 4 * 2 ** 20
/** A longer line is passed on in parts, in characters. */
const longestLine = 64 * 2 ** 10
/** So much is read at a time, in bytes; then others have their turn. */
const chunk = 64 * 2 ** 10
const chunksPerTurn = 16
const mostLastTurns = 16

/** For all of them: each read is at once decoded. */
const buffer = Buffer.allocUnsafe(chunk)

/**
 * What a worker writes to its standard output or error: a file, and no pipe, so that the worker does
 * not end by EPIPE when its manager does.
 */
export class OutputFile {
  readonly path: string
  readonly #descriptor: number
  readonly #onLine: (line: string) => void
  readonly #decoder = new StringDecoder()
  #position: number
  #rest = ''

  /** @param from where to begin: `'start'`, or `'end'` for one that another has followed so far */
  constructor(path: string, from: 'start' | 'end', onLine: (line: string) => void) {
    this.path = path
    this.#onLine = onLine
    this.#descriptor = fs.openSync(path, 'a+', 0o600)
    this.#position = from === 'start' ? 0 : fs.fstatSync(this.#descriptor).size
  }

  /** What the worker gets: whatever it does, it writes to the end of the file. */
  get descriptor(): number {
    return this.#descriptor
  }

  /** Reads what is new; whether there may be more. */
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

  /** Reads the rest, maybe without an end of line, and closes the file. */
  close(): void {
    // Something that the worker has left behind may write faster than this reads.
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
    if (size < this.#position) this.#position = 0 // Somebody else has cut it.
    if (this.#position < longestFile || size > this.#position) return
    this.#empty()
    this.#position = 0
  }

  #empty(): void {
    // On Windows a descriptor that appends may do nothing else.
    if (process.platform === 'win32') fs.truncateSync(this.path)
    else fs.ftruncateSync(this.#descriptor, 0)
  }
}

/** The last lines of a file that nobody has read yet. */
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
