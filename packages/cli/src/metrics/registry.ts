import type { AppMeasures, Supervisor } from '@reuse/cli'
import { queueOf } from '@reuse/core/group'
import { Counter, Gauge, Registry } from 'prom-client'

/** What Prometheus is told of apps. */
export class Metrics {
  readonly #supervisors: readonly Supervisor[]
  /** As they are when it asks: the workers are asked once. */
  #statuses: readonly AppMeasures[] = []
  readonly #registry: Registry

  constructor(supervisors: readonly Supervisor[]) {
    this.#supervisors = supervisors
    this.#registry = registryOf(supervisors, () => this.#statuses)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    this.#statuses = await Promise.all(this.#supervisors.map((one) => one.measure()))
    return this.#registry.metrics()
  }
}

function registryOf(
  supervisors: readonly Supervisor[],
  statuses: () => readonly AppMeasures[],
): Registry {
  const registry = new Registry()
  const registers = [registry]
  const workers = () =>
    statuses().flatMap(({ name: app, workers }) => workers.map((one) => ({ app, ...one })))

  new Gauge({
    name: 'reuse_instances',
    help: 'How many workers an app is to have.',
    labelNames: ['app'],
    registers,
    collect() {
      for (const { name: app, instances } of statuses()) this.set({ app }, instances)
    },
  })
  new Gauge({
    name: 'reuse_version',
    help: 'The version of an app that runs: each reload is one more.',
    labelNames: ['app'],
    registers,
    collect() {
      for (const { name: app, version } of statuses()) this.set({ app }, version)
    },
  })
  new Gauge({
    name: 'reuse_workers',
    help: 'How many workers of an app are in a state.',
    labelNames: ['app', 'state'],
    registers,
    collect() {
      for (const { name: app, workers } of statuses()) {
        for (const state of states) {
          this.set({ app, state }, workers.filter((worker) => worker.state === state).length)
        }
      }
    },
  })
  new Counter({
    name: 'reuse_worker_restarts_total',
    help: 'How often a worker was started again after it had ended by itself.',
    labelNames: ['app', 'worker'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, restarts } of onceEach(workers())) {
        this.inc({ app, worker }, restarts)
      }
    },
  })
  new Gauge({
    name: 'reuse_worker_memory_bytes',
    help: 'Resident memory of a worker.',
    labelNames: ['app', 'worker', 'pid'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, pid, memory } of workers()) {
        if (pid !== null && memory !== null) this.set({ app, worker, pid }, memory)
      }
    },
  })
  new Gauge({
    name: 'reuse_worker_uptime_seconds',
    help: 'How long a worker has lived.',
    labelNames: ['app', 'worker', 'pid'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, pid, uptime } of workers()) {
        if (pid !== null && uptime !== null) this.set({ app, worker, pid }, uptime / 1000)
      }
    },
  })
  new Counter({
    name: 'reuse_worker_cpu_seconds_total',
    help: 'How long processors have worked for a worker.',
    labelNames: ['app', 'worker', 'pid'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, pid, cpuTime } of workers()) {
        if (pid !== null && cpuTime !== null) this.inc({ app, worker, pid }, cpuTime / 1000)
      }
    },
  })
  new Counter({
    name: 'reuse_worker_connections_accepted_total',
    help: 'How many connections a worker has accepted.',
    labelNames: ['app', 'worker', 'pid'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, pid, accepted } of workers()) {
        if (pid !== null && accepted !== null) this.inc({ app, worker, pid }, accepted)
      }
    },
  })
  for (const kind of ['mean', 'max'] as const) {
    new Gauge({
      name: `reuse_worker_event_loop_delay_${kind}_seconds`,
      help: `The ${kind} delay of a worker's event loop since it was asked before.`,
      labelNames: ['app', 'worker', 'pid'],
      registers,
      collect() {
        this.reset()
        for (const { app, worker, pid, eventLoopDelay } of workers()) {
          if (pid === null || eventLoopDelay === null) continue
          this.set({ app, worker, pid }, eventLoopDelay[kind] / 1000)
        }
      },
    })
  }
  new Gauge({
    name: 'reuse_waiting_connections',
    help: 'How many connections wait to be accepted, at all listeners of an app.',
    labelNames: ['app'],
    registers,
    collect() {
      for (const { name: app, held } of supervisors) {
        const lengths = [...held.values()].map((socket) => queueOf(socket)?.length ?? 0)
        this.set(
          { app },
          lengths.reduce((sum, length) => sum + length, 0),
        )
      }
    },
  })
  return registry
}

const states = ['starting', 'ready', 'leaving', 'waiting'] as const

/** While a worker is replaced there are two of a number, who share the count. */
function onceEach<T extends { app: string; worker: number }>(workers: readonly T[]): T[] {
  return [...new Map(workers.map((one) => [`${one.app} ${one.worker}`, one])).values()]
}
