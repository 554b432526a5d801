import { createInterface } from 'node:readline'

/** What a fixture says to the test that started it. `ready` comes first. */
export function say(name: string, content: unknown = null): void {
  process.stdout.write(`${JSON.stringify({ [name]: content })}\n`)
}

/** Handles the commands of the test; when the test is gone, so is the fixture. */
export function onCommand(handlers: Record<string, (content: never) => void>): void {
  const input = createInterface({ input: process.stdin })
  input.on('line', (line) => {
    for (const [name, content] of Object.entries(JSON.parse(line))) {
      const handler = handlers[name]
      if (handler === undefined) throw new Error(`no such command: ${name}`)
      handler(content as never)
    }
  })
  input.on('close', () => process.exit(0))
}
