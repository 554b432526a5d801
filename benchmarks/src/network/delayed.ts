import { clientAddress, fewAddresses } from './client-address.js'
import { connect } from './link.js'
import { Namespace } from './namespace.js'
import type { Network } from './network.js'

const device = 'link0'
const server = '10.0.0.1'
const clients = '10.0'

/**
 * Creates two network namespaces, one for the servers and one for the clients, and a link between them
 * with a delay each way. The machine's own network is not involved.
 *
 * @throws Skip if this user or this system cannot have them
 */
export async function delayedNetwork(delayMs: number): Promise<Network> {
  const parts: AsyncDisposable[] = []
  const dispose = async (): Promise<void> => {
    for (const part of parts.reverse()) await part[Symbol.asyncDispose]()
  }
  const owned = <Part extends AsyncDisposable>(part: Part): Part => {
    parts.push(part)
    return part
  }
  try {
    const serverSide = owned(await Namespace.create())
    const clientSide = owned(await Namespace.create())
    const link = owned(await connect(serverSide, clientSide, device, delayMs))
    await configure(serverSide, [server])
    const addresses = Array.from({ length: fewAddresses }, (_, n) => clientAddress(clients, n))
    await configure(clientSide, addresses)
    return {
      name: `${delayMs} ms each way (${link.name})`,
      host: server,
      clients,
      serverCommand: (command) => serverSide.command(command),
      clientCommand: (command) => clientSide.command(command),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function configure(namespace: Namespace, addresses: readonly string[]): Promise<void> {
  // The probes of a leave go through loopback.
  await namespace.run('ip link set lo up')
  for (const address of addresses) await namespace.run(`ip addr add ${address}/16 dev ${device}`)
  await namespace.run(`ip link set ${device} up`)
}
