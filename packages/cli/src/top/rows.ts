import { Failure } from '../failure.js'
import { workerName } from '../output/names.js'
import { printable } from '../output/print.js'
import { type Column, formatTable } from '../output/table.js'
import { formatDuration } from '../status/rows.js'
import type { AppRates, WorkerRates } from './rates.js'

interface TopColumn extends Column {
  cell(worker: WorkerRates): string
}

/** The alignment of all columns. */
const right = { align: 'right' } as const

const columns: readonly TopColumn[] = [
  { title: 'WORKER', ...right, cell: ({ worker }) => workerName(worker) },
  { title: 'PID', ...right, cell: ({ pid }) => String(pid ?? '-') },
  { title: 'CONNS', ...right, cell: ({ accepted }) => orDash(accepted, formatCount) },
  { title: 'NEW/S', ...right, cell: (one) => orDash(one.acceptedPerSecond, formatCount) },
  { title: 'SHARE', ...right, cell: ({ share }) => orDash(share, formatShare) },
  { title: 'QUEUE', ...right, cell: ({ queue }) => orDash(queue, formatQueue) },
  { title: 'CPU', ...right, cell: ({ cpu }) => orDash(cpu, (value) => `${Math.round(value)}%`) },
  { title: 'MEM', ...right, cell: ({ memory }) => orDash(memory, formatMemory) },
  { title: 'DELAY', ...right, cell: delayOf },
  { title: 'RESTARTS', ...right, cell: ({ restarts }) => String(restarts) },
  { title: 'AGE', ...right, cell: ageOf },
]

/** The columns that are left out if the terminal is narrow, in this order. */
const dispensable = ['PID', 'SHARE', 'MEM']

/** What there is room for. */
export interface Room {
  columns: number
  rows: number
}

/** The tables of apps, one below the other. Lines that do not fit are left out, and counted. */
export async function formatApps(
  apps: readonly (AppRates | Failure)[],
  { columns: width, rows: height }: Room,
): Promise<string> {
  const texts = await Promise.all(apps.map((app) => formatApp(app, width)))
  const lines = texts.join('\n\n').split('\n')
  if (lines.length <= height) return lines.join('\n')
  const shown = lines.slice(0, Math.max(0, height - 1))
  return [...shown, `… ${lines.length - shown.length} more lines`].join('\n')
}

async function formatApp(app: AppRates | Failure, width: number): Promise<string> {
  if (app instanceof Failure) return cut(printable(app.message), width)
  const { name, program, version, instances, workers, state } = app
  const ready = workers.filter((worker) => worker.state === 'ready').length
  const serve = `${ready} of ${instances} workers serve`
  const stopping = state === 'stopping' ? ', it is being stopped' : ''
  const head = `${name}: ${serve}, version ${version}${stopping}, ${program}`
  return `${cut(printable(head), width)}\n${await tableFor(workers, width)}`
}

async function tableFor(workers: readonly WorkerRates[], width: number): Promise<string> {
  let shown = columns
  for (const missing of dispensable) {
    if (widthOf(shown, workers) <= width) break
    shown = shown.filter(({ title }) => title !== missing)
  }
  return formatTable(
    shown,
    workers.map((worker) => shown.map(({ cell }) => cell(worker))),
  )
}

/** The width of a table, with the two spaces between its columns. */
function widthOf(columns: readonly TopColumn[], workers: readonly WorkerRates[]): number {
  const widths = columns.map(({ title, cell }) =>
    Math.max(title.length, ...workers.map((worker) => cell(worker).length)),
  )
  return widths.reduce((sum, width) => sum + width) + 2 * (widths.length - 1)
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

function orDash<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? '-' : format(value)
}

/** `99999`, `100k`, `1.2M`: at most five characters. */
function formatCount(count: number): string {
  if (count < 99_999.5) return count < 10 ? String(Math.round(count * 10) / 10) : count.toFixed(0)
  if (count < 999_500) return `${Math.round(count / 1000)}k`
  return count < 99_950_000 ? `${(count / 1e6).toFixed(1)}M` : `${Math.round(count / 1e6)}M`
}

function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))}%`
}

function formatQueue({ length, limit }: { length: number; limit: number }): string {
  return `${length}/${limit}`
}

function formatMemory(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes < 1000 ? `${Math.round(mebibytes)}M` : `${(mebibytes / 1024).toFixed(1)}G`
}

/** Mean and maximum, in milliseconds. */
function delayOf({ eventLoopDelay, answers }: WorkerRates): string {
  if (answers === false) return 'silent'
  return orDash(eventLoopDelay, ({ mean, max }) => `${formatDelay(mean)}/${formatDelay(max)}`)
}

function formatDelay(milliseconds: number): string {
  return String(Number(milliseconds.toFixed(milliseconds < 10 ? 1 : 0)))
}

function ageOf({ state, uptime }: WorkerRates): string {
  return state === 'ready' && uptime !== null ? formatDuration(uptime) : state
}
