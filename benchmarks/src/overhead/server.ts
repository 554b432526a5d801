/**
 * A fresh program that serves: node server.js '{ "framework": "express", "shared": true, … }'. It
 * reports how long its start took, and ends when it is told to.
 */
import type { AddressInfo } from 'node:net'
import type { Framework } from '../apps/index.js'
import { argument, onCommand, say } from '../program-side.js'
import { frameworks } from './frameworks.js'

export interface ServerArguments {
  framework: Framework
  /** Whether it shares its port through the @reuse adapter, which otherwise is not even imported. */
  shared: boolean
  /** 0 is any port, on which there is no other member. */
  port: number
}

export interface ServerReady {
  port: number
  /** Milliseconds until the framework and the adapter were imported. */
  imported: number
  /** Milliseconds from the call of `listen()`, or of the adapter before it, until it listened. */
  listening: number
}

const { framework, shared, port } = argument<ServerArguments>()
const start = performance.now()
const create = await frameworks[framework](shared)
const imported = performance.now() - start

const listen = create()
const called = performance.now()
const server = await listen(port)
const ready: ServerReady = {
  port: (server.address() as AddressInfo).port,
  imported,
  listening: performance.now() - called,
}
say('ready', ready)

onCommand({
  end: () => {
    say('end')
    process.disconnect()
  },
})
