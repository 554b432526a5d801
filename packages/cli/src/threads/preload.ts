/**
 * Loaded into each thread of an app before its script: makes the servers share their ports, as in a process,
 * and connects the thread to its host. In threads that a thread starts, it does only the first.
 */
import { BroadcastChannel, getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { sharedTargets } from '@reuse/core/register'
import { type FromThread, type ThreadData, threadKey } from './messages.js'

const data = getEnvironmentData(threadKey)
if (isThreadData(data)) {
  setEnvironmentData(threadKey)
  connect(data)
}

function connect({ channel: name, waitReady }: ThreadData): void {
  const channel = new BroadcastChannel(name)
  const say = (message: FromThread): void => channel.postMessage(message)
  channel.onmessage = ({ data }) => {
    if (data === 'ping') say('pong')
    if (data === 'leave') sharedTargets.closeAll().then(end, end)
  }
  // A program that has nothing left to do ends.
  channel.unref()
  if (waitReady) process.send = sendOf(say)
  else sharedTargets.onListening(() => say('ready'))
  say('started')
}

/** The `process.send` that its program would have as a process. */
function sendOf(say: (message: FromThread) => void): NonNullable<typeof process.send> {
  return (message: unknown) => {
    if (message === 'ready') say('ready')
    return true
  }
}

/** Ends this thread. What it has printed is not lost. */
function end(): void {
  process.exit()
}

function isThreadData(value: unknown): value is ThreadData {
  return typeof value === 'object' && value !== null && 'channel' in value
}
