import type { LogLine } from '../control/messages.js'
import { workerName } from '../output/names.js'

/** `shop 1 | GET /`. */
export function formatLogLine(app: string, { worker, text }: LogLine): string {
  return `${app} ${workerName(worker)} | ${text}`
}
