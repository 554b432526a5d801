import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface RunningServer {
  port: number
  stop(): Promise<void>
}

/** Starts the server in a process of its own. */
export async function startServer(mode: 'plain' | 'shared'): Promise<RunningServer> {
  const child = fork(fileURLToPath(new URL('./http.js', import.meta.url)), [mode])
  const [port] = await once(child, 'message')
  return {
    port,
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
