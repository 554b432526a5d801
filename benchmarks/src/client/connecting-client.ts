import { nodeCommand, Program } from '../program.js'
import type { Client } from './client.js'
import type { ConnectingArguments, ConnectingReport } from './connecting.js'
import { refuseFailures } from './failures.js'

/** In JavaScript, so always available; it takes more CPU time than the servers do. */
export const connectingClient: Client = {
  name: 'connecting.ts',
  version: '1',
  description: 'a client in JavaScript, a new connection for each request',
  run: async (target, load) => {
    const argument: ConnectingArguments = { target, load }
    await using program = new Program(
      nodeCommand(process.execPath, './client/connecting.js', argument),
    )
    const { failed, ...answers } = await program.hear<ConnectingReport>('report')
    refuseFailures(failed)
    return answers
  },
}
