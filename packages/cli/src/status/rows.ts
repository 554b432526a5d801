import type { AppStatus, WorkerStatus } from '../control/messages.js'
import { workerName } from '../output/names.js'
import type { Column } from '../output/table.js'

const columns: readonly Column[] = [
  { title: 'WORKER', align: 'right' },
  { title: 'PID', align: 'right' },
  { title: 'STATE' },
  { title: 'VERSION', align: 'right' },
  { title: 'UPTIME', align: 'right' },
  { title: 'RESTARTS', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'LISTENS' },
]

/** An app in threads has a column that the others do not need. */
export function columnsOf({ threads }: AppStatus): readonly Column[] {
  return threads === null ? columns : columns.toSpliced(3, 0, { title: 'THREADS', align: 'right' })
}

export function rowOf(worker: WorkerStatus, { threads }: AppStatus): string[] {
  const { pid, uptime, memory, listens } = worker
  return [
    workerName(worker.worker),
    pid === null ? '-' : String(pid),
    worker.state,
    ...(threads === null ? [] : [String(worker.threads)]),
    String(worker.version),
    uptime === null ? '-' : formatDuration(uptime),
    String(worker.restarts),
    memory === null ? '-' : `${Math.round(memory / 2 ** 20)} MiB`,
    listens.length === 0 ? '-' : listens.join(', '),
  ]
}

/** `42 s`, `3 min`, `5 h`, `2 d`: the largest unit of which there are two. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const units = [
    { unit: 'd', length: 86_400 },
    { unit: 'h', length: 3600 },
    { unit: 'min', length: 60 },
  ]
  const found = units.find(({ length }) => seconds >= 2 * length)
  return found === undefined
    ? `${seconds} s`
    : `${Math.floor(seconds / found.length)} ${found.unit}`
}

/** The manager may be of another version. */
export function isAppStatus(value: unknown): value is AppStatus {
  return (
    isObject(value) &&
    (value.threads === null || typeof value.threads === 'number') &&
    Array.isArray(value.workers) &&
    value.workers.every(isWorkerStatus)
  )
}

function isWorkerStatus(value: unknown): value is WorkerStatus {
  return isObject(value) && Array.isArray(value.listens) && typeof value.state === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
