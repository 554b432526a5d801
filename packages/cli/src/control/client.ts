import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { codeOf, Failure } from '../failure.js'
import { managerOf } from '../state/claim.js'
import { controlPath, folderOf } from '../state/folder.js'
import { isStopped } from '../state/process-state.js'
import type { Answer, LogLine, Request } from './messages.js'

/**
 * Asks the manager of an app, and waits for its answer.
 *
 * @param onLine gets the lines of `logs`
 * @param signal closes the connection; no answer comes then
 * @throws Failure if there is no manager, or it refuses
 */
export async function ask(
  app: string,
  request: Request,
  onLine: (line: LogLine) => void = () => {},
  signal?: AbortSignal,
): Promise<unknown> {
  requireAwake(app)
  const socket = net.connect(controlPath(folderOf(app)))
  // Node's own option for this leaves a listener behind each time.
  const cut = (): unknown => socket.destroy()
  signal?.addEventListener('abort', cut)
  try {
    await once(socket, 'connect')
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const line of createInterface({ input: socket })) {
      const answer: Answer = JSON.parse(line)
      if ('error' in answer) throw new Failure(answer.error.message)
      if ('result' in answer) return answer.result
      onLine(answer.line)
    }
  } catch (error) {
    throw failureOf(app, error)
  } finally {
    signal?.removeEventListener('abort', cut)
    socket.destroy()
  }
  if (request.verb === 'logs' && request.follow) return null // The app has been stopped.
  throw new Failure(
    `the manager of app ${app} ended the connection before it answered. Other commands may be using all of its 32 connections, or it has ended: 'reuse status ${app}' says so.`,
  )
}

/** A manager that is stopped answers only when it is woken, and nobody else may know that it is stopped. */
function requireAwake(app: string): void {
  const folder = folderOf(app)
  const pid = process.platform === 'linux' && fs.existsSync(folder) ? managerOf(folder) : null
  if (pid === null || !isStopped(pid)) return
  throw new Failure(
    `the manager of app ${app} (pid ${pid}) is suspended, as by Ctrl-Z: 'kill -CONT ${pid}' resumes it. Its workers keep running.`,
  )
}

function failureOf(app: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new Failure(`app ${app} is not running. 'reuse run --name ${app} …' starts it.`)
    case 'EPIPE':
    case 'ECONNRESET':
      return new Failure(
        `the manager of app ${app} closed the connection: it has too many, or has ended. Try again.`,
      )
    default:
      return error
  }
}
