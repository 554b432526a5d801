import type dgram from 'node:dgram'
import type { EventEmitter } from 'node:events'
import type net from 'node:net'
import { builtin } from '../lib/builtin.js'
import { capabilities } from '../socket/platform.js'
import { agreeOnPort } from './agreed-port.js'
import { missing } from './handle.js'
import type { Answer, AskPrimary, PrimaryQuery } from './primary-query.js'

type Target = net.Server | dgram.Socket

/** Whether this process is a worker of `node:cluster`: workers have a channel to their primary. */
export function isClusterWorker(): boolean {
  return process.send !== undefined && builtin.cluster().isWorker
}

/** The variable that names the primary whose listeners its workers use, by its pid. */
export const primaryVariable = 'REUSE_PRIMARY'

/**
 * Whether this worker uses the listeners that its primary keeps, as under `reuse run` on a system that
 * does not balance. Programs that it starts inherit the variable: only a child of the process that the
 * variable names believes it.
 */
export function usesPrimary(): boolean {
  return process.env[primaryVariable] === String(process.ppid) && isClusterWorker()
}

/** What this worker has bound by itself, and closes as Node closes what its primary has bound. */
const bound = new Set<Target>()

export interface WorkerBind {
  bind(query: PrimaryQuery, answer: Answer): void
  /** Whether a port that the system chooses is the same for all workers, as in Node. */
  agreesOnPort: boolean
}

/** How servers and UDP sockets bind by themselves in this worker. */
const binds = new WeakMap<object, WorkerBind>()

let isIntercepted = false

/**
 * In a cluster worker, `listen` and `bind` ask the primary to bind, through `cluster._getServer`. From
 * now on, this server or UDP socket binds by itself.
 */
export function bindInWorker(target: Target, bind: WorkerBind): void {
  if (!isClusterWorker()) return
  binds.set(target, bind)
  if (isIntercepted) return
  const cluster = builtin.cluster()
  if (!('_getServer' in cluster)) throw missing('cluster._getServer')
  const ask = cluster._getServer as AskPrimary
  const getServer = (target: Target, query: PrimaryQuery, answer: Answer): void => {
    const own = binds.get(target)
    const isOnPort = query.addressType !== -1 && !(typeof query.fd === 'number' && query.fd >= 0)
    if (own === undefined || !isOnPort) ask.call(cluster, target, query, answer)
    else if (query.port || !own.agreesOnPort || !capabilities.afterListen) own.bind(query, answer)
    else {
      const askFor: AskPrimary = (...about) => ask.apply(cluster, about)
      agreeOnPort(askFor, target, query, (port) => own.bind({ ...query, port }, answer))
    }
  }
  cluster._getServer = getServer
  isIntercepted = true
}

/** Tells the primary that this worker listens, as Node does for what the primary has bound. */
export function tellPrimary(
  target: Target,
  { address, port, addressType }: Pick<PrimaryQuery, 'address' | 'port' | 'addressType'>,
): void {
  if (!isClusterWorker() || bound.has(target)) return
  bound.add(target)
  const emitter: EventEmitter = target
  emitter.once('close', () => bound.delete(target))
  closeBeforeDisconnect()
  process.send?.({ cmd: 'NODE_CLUSTER', act: 'listening', address, port, addressType })
}

let isPrepared = false

/** `worker.disconnect()` closes the worker's servers, waits for their connections, and disconnects. */
function closeBeforeDisconnect(): void {
  if (isPrepared) return
  isPrepared = true
  const { disconnect } = process
  process.disconnect = async () => {
    // Code that disconnects in another way has its own reasons.
    if (builtin.cluster().worker?.exitedAfterDisconnect) await Promise.all([...bound].map(close))
    disconnect?.call(process)
  }
}

function close(target: Target): Promise<void> {
  return new Promise((resolve) => {
    const emitter: EventEmitter = target
    emitter.once('close', resolve)
    target.close()
  })
}
