/** The clients of a storm: node storm-program.js '{ "port": 3000 }'. See storm.ts. */
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from './client.js'
import { onCommand, say } from './fixture-side.js'
import type { StormOptions, StormReport } from './storm.js'

/** After how many answers the storm counts as begun. */
const beginning = 20

/** The longest that a client with a connection is idle, in milliseconds. */
const longestPause = 20

const options: StormOptions = JSON.parse(process.argv[2] ?? '')
const { port, host = '127.0.0.1', clients = 32, keepAlive = false } = options
const report: StormReport = { answered: 0, failed: {} }
let stopping = false

async function runClient(): Promise<void> {
  const agent = new Agent({ keepAlive, maxSockets: 1 })
  while (!stopping) {
    try {
      await request({ port, host, agent })
      report.answered++
    } catch (error) {
      const code = codeOf(error)
      report.failed[code] = (report.failed[code] ?? 0) + 1
    }
    if (report.answered + failures() === beginning) say('ready')
    if (keepAlive) await delay(Math.random() * longestPause)
  }
  agent.destroy()
}

function failures(): number {
  return Object.values(report.failed).reduce((sum, count) => sum + count, 0)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

const all = Promise.all(Array.from({ length: clients }, runClient))

onCommand({
  stop: async () => {
    stopping = true
    await all
    say('stop', report)
  },
})
