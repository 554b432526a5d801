import { once } from 'node:events'
import net from 'node:net'
import { ResponseReader } from '../load/response.js'

const request = 'GET / HTTP/1.1\r\nhost: benchmark\r\n\r\n'

/** Sends requests on one connection, each after the answer to the one before; checks each answer. */
export async function sendRequests(port: number, count: number): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port }).setEncoding('latin1').setNoDelay(true)
  await once(socket, 'connect')
  try {
    await answers(socket, count)
  } finally {
    socket.destroy()
  }
}

function answers(socket: net.Socket, count: number): Promise<void> {
  const reader = new ResponseReader()
  let left = count
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`the server closed with ${left} requests to go`)))
    socket.on('data', (chunk: string) => {
      const response = reader.read(chunk)
      if (response === null) return
      if (response.status !== 200) reject(new Error(`a request was answered ${response.status}`))
      if (--left === 0) resolve()
      else socket.write(request)
    })
    socket.write(request)
  })
}
