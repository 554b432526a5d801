/**
 * A load of HTTP requests: node generator.js '{ "target": …, "rate": 2500, … }'. New connections
 * come at their rate whatever the servers do (an open loop), and nothing is retried.
 */
import { argument, onCommand, say } from '../program-side.js'
import { Connection } from './connection.js'
import { Journal } from './journal.js'
import { KeepAliveClient } from './keep-alive-client.js'
import type { LoadArguments, LoadReport } from './load.js'
import { countFailure, emptyTally } from './tally.js'

/** How many connections may be in flight at the same time. */
const mostInFlight = 2000

/** How many are started at most in one go after a pause: more would be a burst, not a rate. */
const mostAtOnce = 32

/** The load is steady when this many seconds' worth of connections have been answered. */
const steadyAfter = 0.2

const { target, rate, keepAliveClients, connections, ...wanted } = argument<LoadArguments>()
const journal = wanted.journal ? new Journal() : null
const report: LoadReport = {
  newConnections: emptyTally(),
  keepAlive: emptyTally(),
  withheld: 0,
  connectTimes: [],
  latencies: [],
  journal: journal?.entries ?? [],
}
let inFlight = 0
let steady = false
let stopping = false

function saySteady(): void {
  if (!steady) say('steady')
  steady = true
}

function inMilliseconds(time: number): number {
  return Math.round(time * 100) / 100
}

/** @param due when it should have been made: a little earlier than now, or much earlier after a pause */
function requestOnce(due: number): void {
  const start = performance.now()
  const tally = report.newConnections
  const index = tally.connections++
  report.latencies[index] = null
  inFlight++
  const connection = new Connection(target, {
    connected: () => {
      report.connectTimes.push(inMilliseconds(performance.now() - start))
      entry?.connected()
      connection.request('close')
    },
    answered: () => {
      tally.answered++
      report.latencies[index] = inMilliseconds(performance.now() - due)
      entry?.answered()
      if (tally.answered >= rate * steadyAfter) saySteady()
    },
    over: (failure) => {
      inFlight--
      entry?.over(failure)
      if (failure !== null) countFailure(tally.failed, failure)
    },
  })
  const entry = journal?.begin(() => connection.client)
}

const clients = Array.from(
  { length: keepAliveClients },
  () => new KeepAliveClient(target, report.keepAlive),
)

const start = performance.now()
/** How many connections were made or withheld. */
let past = 0

function keepPace(): void {
  if (stopping) return
  const due = ((performance.now() - start) * rate) / 1000
  for (let i = 0; i < mostAtOnce && past < Math.floor(due); i++) {
    past++
    if (inFlight < mostInFlight) requestOnce(start + (past * 1000) / rate)
    else report.withheld++
    if (report.newConnections.connections === connections) return void stop()
  }
  setTimeout(keepPace, 1)
}

async function stop(): Promise<void> {
  stopping = true
  for (const client of clients) client.stop()
  const isOver = (): boolean => inFlight === 0 && clients.every((client) => client.isOver)
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 5))
  saySteady() // A load of few connections may end before.
  say('stop', report)
}

keepPace()
onCommand({
  stop: () => void stop(),
  waiting: (milliseconds: number) => say('waiting', journal?.waiting(milliseconds) ?? 0),
})
