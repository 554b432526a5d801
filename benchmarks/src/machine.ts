import os from 'node:os'

/** What a figure is worth nothing without. */
export function describeMachine(node: string): string {
  const [cpu] = os.cpus()
  return [
    new Date().toISOString().slice(0, 10),
    `${os.cpus().length} × ${cpu?.model ?? 'unknown CPU'}`,
    `${os.type()} ${os.release()}`,
    `Node ${node}`,
  ].join(', ')
}
