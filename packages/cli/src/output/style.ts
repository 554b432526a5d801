import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Styles a text for standard output: only on a terminal that has colours, and without NO_COLOR. */
export function styled(format: Format, text: string): string {
  // hasColors() heeds NO_COLOR, NODE_DISABLE_COLORS, FORCE_COLOR and TERM.
  const { stdout } = process
  return stdout.isTTY && stdout.hasColors() ? styleText(format, text) : text
}
