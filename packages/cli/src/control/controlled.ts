import type { AppMeasures, AppStatus, LogLine } from './messages.js'

/** What can be asked of an app. */
export interface Controlled {
  status(): AppStatus
  measure(): Promise<AppMeasures>
  reload(): Promise<unknown>
  canary(share: number): Promise<unknown>
  promote(): Promise<unknown>
  rollback(): Promise<void>
  scale(instances: number): Promise<unknown>
  release(): Promise<void>
  stop(): Promise<void>
  lastLines(count: number): LogLine[]
  on(event: 'line', listener: (line: LogLine) => void): unknown
  off(event: 'line', listener: (line: LogLine) => void): unknown
}
