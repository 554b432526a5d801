import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { PageState } from './page-state.js'

export interface PageSource {
  state(): PageState
  /** Returns the HTTP status of the answer. */
  press(program: string, action: string): number
}

/** How often the state is sent to a browser, in ms. */
const interval = 250

const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

const files = new Map([
  ['/', readPageFile('index.html', 'text/html; charset=utf-8')],
  ['/page.css', readPageFile('page.css', 'text/css; charset=utf-8')],
  ['/page.js', readPageFile('page.js', 'text/javascript; charset=utf-8')],
  ['/icon.svg', readPageFile('icon.svg', 'image/svg+xml')],
])

function readPageFile(name: string, type: string): { type: string; body: Buffer } {
  return { type, body: readFileSync(new URL(`../../page/${name}`, import.meta.url)) }
}

/** The server of the page: its files, its events, its buttons. */
export function createPage({ state, press }: PageSource): http.Server {
  return http.createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const end = (status: number): void => {
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(http.STATUS_CODES[status])
    }
    if (!isAddressedToPage(request)) return end(403)
    const path = request.url ?? '/'

    if (request.method === 'GET') {
      if (path === '/events') return sendEvents(response, state)
      const file = files.get(path)
      if (file === undefined) return end(404)
      response.writeHead(200, { 'Content-Type': file.type }).end(file.body)
      return
    }

    const [, program, action] = path.match(/^\/programs\/(\w+)\/(\w+)$/) ?? []
    if (program === undefined || action === undefined) return end(404)
    if (request.method !== 'POST') return end(405)
    if (!isSentByPage(request)) return end(403)
    return end(press(program, action))
  })
}

function sendEvents(response: http.ServerResponse, state: () => PageState): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  response.write('retry: 1000\n\n')
  const send = (): void => {
    // A browser that does not read must not make the states pile up here.
    if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify(state())}\n\n`)
  }
  send()
  const timer = setInterval(send, interval)
  response.once('close', () => clearInterval(timer))
}

// Any web site that is open in a browser on this machine can send requests to 127.0.0.1, and must
// not see the page or press its buttons. A site whose name was made to resolve to 127.0.0.1 (DNS
// rebinding) shows in Host; a site that posts across origins shows in Origin.
function isAddressedToPage({ headers, socket }: http.IncomingMessage): boolean {
  return ['127.0.0.1', 'localhost'].some((name) => headers.host === `${name}:${socket.localPort}`)
}

function isSentByPage({ headers }: http.IncomingMessage): boolean {
  return headers.origin === `http://${headers.host}`
}
