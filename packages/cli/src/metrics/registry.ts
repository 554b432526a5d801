import type { AppMeasures, Supervisor } from '@reuse/cli'
import { queueOf } from '@reuse/core/group'
import { Counter, Gauge, Registry } from 'prom-client'

/** A worker of an app. */
type Worker = { app: string } & AppMeasures['workers'][number]

/** The metrics of apps, for Prometheus. */
export class Metrics {
  /** Without those that have been handed over to another manager meanwhile. */
  readonly supervisors: readonly Supervisor[]
  /** As they are when Prometheus asks: the workers are asked once for all metrics. */
  #statuses: readonly AppMeasures[] = []
  readonly #registry: Registry

  constructor(supervisors: readonly Supervisor[]) {
    this.supervisors = supervisors
    this.#registry = registryOf(supervisors, () => this.#statuses)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    this.#statuses = await Promise.all(this.supervisors.map((one) => one.measure()))
    return this.#registry.metrics()
  }
}

function registryOf(
  supervisors: readonly Supervisor[],
  statuses: () => readonly AppMeasures[],
): Registry {
  const registry = new Registry()
  const registers = [registry]
  // Each `collect` resets its metric first: an app or a worker that is no longer here must not be reported.
  const workers = (): Worker[] =>
    statuses().flatMap(({ name: app, workers }) => workers.map((one) => ({ app, ...one })))

  new Gauge({
    name: 'reuse_instances',
    help: 'How many workers an app should have.',
    labelNames: ['app'],
    registers,
    collect() {
      this.reset()
      for (const { name: app, instances } of statuses()) this.set({ app }, instances)
    },
  })
  new Gauge({
    name: 'reuse_version',
    help: 'The version of an app that is running: each reload adds one.',
    labelNames: ['app'],
    registers,
    collect() {
      this.reset()
      for (const { name: app, version } of statuses()) this.set({ app }, version)
    },
  })
  new Gauge({
    name: 'reuse_workers',
    help: 'How many workers of an app are in a state.',
    labelNames: ['app', 'state'],
    registers,
    collect() {
      this.reset()
      for (const { name: app, workers } of statuses()) {
        for (const state of states) {
          this.set({ app, state }, workers.filter((worker) => worker.state === state).length)
        }
      }
    },
  })
  new Counter({
    name: 'reuse_worker_restarts_total',
    help: 'How often a worker was restarted after it had ended unexpectedly.',
    labelNames: ['app', 'worker'],
    registers,
    collect() {
      this.reset()
      for (const { app, worker, restarts } of onceEach(workers())) {
        this.inc({ app, worker }, restarts)
      }
    },
  })
  const labelNames = ['app', 'worker', 'pid']
  for (const { name, help, of } of gauges) {
    new Gauge({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset()
        for (const [labels, value] of figuresOf(workers(), of)) this.set(labels, value)
      },
    })
  }
  for (const { name, help, of } of counters) {
    new Counter({
      ...{ name, help, labelNames, registers },
      collect() {
        this.reset()
        for (const [labels, value] of figuresOf(workers(), of)) this.inc(labels, value)
      },
    })
  }
  new Gauge({
    name: 'reuse_waiting_connections',
    help: 'How many connections wait to be accepted, at all listeners of an app.',
    labelNames: ['app'],
    registers,
    collect() {
      this.reset()
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

/** A figure of one process of a worker; `null` if it is not known. */
interface Figure {
  name: string
  help: string
  of(worker: Worker): number | null
}

const gauges: readonly Figure[] = [
  {
    name: 'reuse_worker_memory_bytes',
    help: 'Resident memory of a worker.',
    of: ({ memory }) => memory,
  },
  {
    name: 'reuse_worker_uptime_seconds',
    help: 'How long a worker has been running.',
    of: ({ uptime }) => inSeconds(uptime),
  },
  {
    name: 'reuse_worker_event_loop_delay_mean_seconds',
    help: "The mean delay of a worker's event loop since the last measurement.",
    of: ({ eventLoopDelay }) => inSeconds(eventLoopDelay?.mean),
  },
  {
    name: 'reuse_worker_event_loop_delay_max_seconds',
    help: "The maximum delay of a worker's event loop since the last measurement.",
    of: ({ eventLoopDelay }) => inSeconds(eventLoopDelay?.max),
  },
]

const counters: readonly Figure[] = [
  {
    name: 'reuse_worker_thread_restarts_total',
    help: 'How often a thread of a worker was restarted after it had ended unexpectedly.',
    of: ({ threadRestarts }) => threadRestarts,
  },
  {
    name: 'reuse_worker_cpu_seconds_total',
    help: 'The CPU time that a worker has used.',
    of: ({ cpuTime }) => inSeconds(cpuTime),
  },
  {
    name: 'reuse_worker_connections_accepted_total',
    help: 'How many connections a worker has accepted.',
    of: ({ accepted }) => accepted,
  },
]

function inSeconds(milliseconds: number | null | undefined): number | null {
  return milliseconds == null ? null : milliseconds / 1000
}

/** The figures that are known, each with the labels of its worker. */
function figuresOf(workers: readonly Worker[], of: Figure['of']) {
  return workers.flatMap((one) => {
    const { app, worker, pid } = one
    const value = of(one)
    return pid === null || value === null ? [] : [[{ app, worker, pid }, value] as const]
  })
}

const states = ['starting', 'ready', 'leaving', 'waiting'] as const

/** While a worker is being replaced, two have the same number, and share the count. */
function onceEach<T extends { app: string; worker: number }>(workers: readonly T[]): T[] {
  return [...new Map(workers.map((one) => [`${one.app} ${one.worker}`, one])).values()]
}
