import { constants } from 'node:os'
import { InvalidArgumentError } from 'commander'

export function parseAddress(text: string): string {
  // Few commands need this module, and it takes long to load.
  const net = process.getBuiltinModule('node:net')
  if (net.isIP(text) === 0 || text.includes('%')) {
    throw new InvalidArgumentError('An address is numeric: 127.0.0.1 or ::1.')
  }
  return text
}

/** `SIGQUIT`, `quit` or `3`; returns the number. */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG')
  const entries = Object.entries(constants.signals)
  const [, number] = entries.find(([one, of]) => one === name || String(of) === text) ?? []
  if (number === undefined) throw new InvalidArgumentError('Type the name of a signal: SIGQUIT.')
  return number
}

export function parseWeight(text: string): number {
  const weight = Number(text)
  const isInRange = weight === 0 || (weight >= 0.001 && weight <= 1000)
  if (!/^\d*\.?\d+$/.test(text) || !isInRange) {
    throw new InvalidArgumentError('A weight is 0, or a number from 0.001 to 1000.')
  }
  return weight
}
