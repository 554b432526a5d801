/**
 * Which clients a program has accepted, in a file that outlives it: a line is written for each
 * connection when it comes and when it is over, before anything else is done, and the system keeps
 * what was written whatever happens to the writer.
 */
import { openSync, readFileSync, writeSync } from 'node:fs'
import type http from 'node:http'
import path from 'node:path'

const marks = { come: '+', gone: '-' }

/** @param folder where the files are, one for each process */
export function recordAccepted(server: http.Server, folder: string): void {
  const file = openSync(fileOf(folder, process.pid), 'a')
  const write = (mark: string, client: string): void => {
    writeSync(file, `${mark}${client}\n`)
  }
  server.prependListener('connection', (socket) => {
    const client = `${socket.remoteAddress}:${socket.remotePort}`
    write(marks.come, client)
    socket.once('close', () => write(marks.gone, client))
  })
}

/** The connections that were still open when a process ended, by the addresses of their clients. */
export function acceptedBy(folder: string, pid: number): ReadonlySet<string> {
  const open = new Set<string>()
  for (const line of readFileSync(fileOf(folder, pid), 'utf8').split('\n')) {
    const client = line.slice(1)
    if (line.startsWith(marks.come)) open.add(client)
    else open.delete(client)
  }
  return open
}

function fileOf(folder: string, pid: number): string {
  return path.join(folder, `${pid}`)
}
