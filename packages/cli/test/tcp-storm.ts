/** Clients that make new connections as fast as they can: to any program that answers bytes. */
import net from 'node:net'

export interface TcpStormOptions {
  port: number
  /** What a client sends. */
  send: string
  /** What it gets. */
  expect: RegExp
  clients?: number
}

export interface TcpStormReport {
  answered: number
  /** By the error's code; `no answer` where the connection ended without one. */
  failed: Record<string, number>
}

/** How long an answer may take, in milliseconds. */
const patience = 10_000

/** Starts the clients; returns what stops them. */
export function startTcpStorm(options: TcpStormOptions): { stop(): Promise<TcpStormReport> } {
  const report: TcpStormReport = { answered: 0, failed: {} }
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      const outcome = await askOnce(options)
      if (outcome === 'answered') report.answered++
      else report.failed[outcome] = (report.failed[outcome] ?? 0) + 1
    }
  }
  const clients = Promise.all(Array.from({ length: options.clients ?? 8 }, client))
  return {
    stop: async () => {
      isOver = true
      await clients
      return report
    },
  }
}

/** One connection: `answered`, or what went wrong. */
export async function askOnce({ port, send, expect }: TcpStormOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(send))
    let heard = ''
    const end = (outcome: string): void => {
      socket.destroy()
      resolve(outcome)
    }
    socket.setEncoding('latin1')
    socket.setTimeout(patience, () => end('late'))
    socket.on('data', (text: string) => {
      heard += text
      if (expect.test(heard)) end('answered')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.once('end', () => end('no answer'))
  })
}
