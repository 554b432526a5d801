import { compile } from '../compile.js'
import { Skip } from '../skip.js'
import { HeldProcess } from './held-process.js'
import type { Namespace } from './namespace.js'

/** A link between two namespaces; its ends are devices of the same name. */
export interface Link extends AsyncDisposable {
  /** What makes the delay. */
  name: string
}

/** Links two namespaces with a delay each way, which the kernel itself makes if it can. */
export async function connect(
  one: Namespace,
  other: Namespace,
  device: string,
  delayMs: number,
): Promise<Link> {
  return (
    (await netemLink(one, other, device, delayMs)) ??
    (await relayedLink(one, other, device, delayMs))
  )
}

/** A pair of virtual Ethernet devices with tc-netem(8), which not every kernel is built with. */
async function netemLink(
  one: Namespace,
  other: Namespace,
  device: string,
  delayMs: number,
): Promise<Link | null> {
  await one.run(`ip link add ${device} type veth peer name ${device} netns ${other.pid}`)
  try {
    for (const end of [one, other]) {
      await end.run(`tc qdisc add dev ${device} root netem delay ${delayMs}ms limit 100000`)
    }
  } catch {
    await one.run(`ip link del ${device}`)
    return null
  }
  return { name: 'netem', [Symbol.asyncDispose]: async () => {} } // It ends with the namespaces.
}

/** Two TUN devices, and a program that carries the packets from one to the other. */
async function relayedLink(
  one: Namespace,
  other: Namespace,
  device: string,
  delayMs: number,
): Promise<Link> {
  const program = await compileRelay()
  const microseconds = String(delayMs * 1000)
  const relay = await HeldProcess.start(one.command([program, device, other.path, microseconds]))
  if (relay === null) throw new Skip('the kernel has neither netem nor TUN devices')
  return { name: 'TUN relay', [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose]() }
}

async function compileRelay(): Promise<string> {
  try {
    return await compile('relay')
  } catch (error) {
    throw new Skip('the kernel has no netem, and its stand-in needs a C compiler', { cause: error })
  }
}
