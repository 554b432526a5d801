/** What a client must know about a response. */
export interface Response {
  status: number
  /** Whether the server says that it closes the connection after this response. */
  close: boolean
}

const headEnd = '\r\n\r\n'

/**
 * Reads the responses of one connection, one after the other. It understands only what the servers of
 * the benchmark send: a status, and a body of a stated length.
 */
export class ResponseReader {
  #text = ''

  /** Whether part of a response has arrived. */
  get started(): boolean {
    return this.#text !== ''
  }

  /** @returns the response that is complete with this chunk, if one is */
  read(chunk: string): Response | null {
    this.#text += chunk
    const end = this.#text.indexOf(headEnd)
    if (end === -1) return null
    const head = this.#text.slice(0, end)
    const total = end + headEnd.length + lengthIn(head)
    if (this.#text.length < total) return null
    this.#text = this.#text.slice(total)
    return { status: statusIn(head), close: /^connection: *close\r?$/im.test(head) }
  }
}

function statusIn(head: string): number {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? []
  if (status === undefined) throw new Error(`this is not a response: ${head}`)
  return Number(status)
}

function lengthIn(head: string): number {
  const [, length] = /^content-length: *(\d+)/im.exec(head) ?? []
  if (length === undefined) throw new Error(`this response does not state its length: ${head}`)
  return Number(length)
}
