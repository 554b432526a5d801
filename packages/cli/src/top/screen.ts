import { once } from 'node:events'
import { emitKeypressEvents } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import type { Room } from './rows.js'

/** How often the screen is drawn, in milliseconds. */
const interval = 1000

/** Whether standard output is a terminal that can be drawn on. */
export function canDraw(): boolean {
  const { isTTY, columns } = process.stdout
  return isTTY && columns > 0 && process.env.TERM !== 'dumb'
}

/**
 * Draws again and again, until somebody types q, Esc or Ctrl-C, or a signal comes. The last picture stays,
 * and the terminal is as it was before.
 *
 * @param draw makes the picture for this much room; the signal aborts when nobody waits for it any longer
 * @throws what `draw` throws
 */
export async function showLive(
  draw: (room: Room, signal: AbortSignal) => Promise<string>,
): Promise<void> {
  const { stdin, stdout } = process
  const update = createLogUpdate(stdout)
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const onKey = (_: string, key: { name?: string; ctrl?: boolean }): void => {
    if (key.name === 'q' || key.name === 'escape' || (key.ctrl && key.name === 'c')) end()
  }
  const whenEnded = once(ended.signal, 'abort')
  const hasKeys = stdin.isTTY
  if (hasKeys) {
    emitKeypressEvents(stdin)
    stdin.setRawMode(true).on('keypress', onKey).resume()
  }
  for (const signal of signals) process.on(signal, end)
  try {
    while (!ended.signal.aborted) {
      // One line stays free for the cursor, below the picture.
      const room = { columns: stdout.columns, rows: stdout.rows - 1 }
      const picture = await Promise.race([draw(room, ended.signal), whenEnded])
      if (typeof picture !== 'string') break
      update(picture)
      await setTimeout(interval, null, { signal: ended.signal }).catch(() => {})
    }
  } finally {
    update.done()
    for (const signal of signals) process.off(signal, end)
    if (hasKeys) stdin.off('keypress', onKey).setRawMode(false).pause()
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const
