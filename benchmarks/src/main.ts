/** `npm run bench -- [scenario …] [options]`; see the README. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.js'
import { findNode, thisNode } from './node-version.js'
import { type Settings, scenarios } from './scenarios/index.js'
import { Skip } from './skip.js'

const usage = `Usage: npm run bench -- [scenario …] [options]
  scenarios       ${[...scenarios.keys()].join(', ')}; default: all
  --node 24       the Node that runs the programs, from npm; default: this one
  --rounds 8      how often each side has its turn
  --seconds 3     how long a turn takes, where it takes a time
  --leaves 15     how many programs restart in a turn
  --connections 20000  how many connections are counted
  --rate 2500     new connections a second
  --json FILE     where to write the figures`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      node: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      leaves: { type: 'string' },
      connections: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const names = positionals.length > 0 ? positionals : [...scenarios.keys()]
  const unknown = names.find((name) => !scenarios.has(name))
  if (unknown !== undefined) throw new UsageError(`there is no scenario "${unknown}"`)
  const numbers = {
    ...number('rounds', values.rounds),
    ...number('seconds', values.seconds),
    ...number('leaves', values.leaves),
    ...number('connections', values.connections),
    ...number('rate', values.rate),
  }
  const node = values.node === undefined ? thisNode : await findNode(values.node)
  const settings: Settings = { node, ...numbers }
  const machine = describeMachine(node.version)
  console.log(machine)

  const results: Record<string, unknown> = {}
  for (const name of names) {
    try {
      results[name] = await scenarios.get(name)?.(settings)
    } catch (error) {
      if (!(error instanceof Skip)) throw error
      console.log(`\n${name}: skipped, ${error.message}`)
      results[name] = { skipped: error.message }
    }
  }
  if (values.json !== undefined) {
    // npm runs this in another folder than the one in which it was typed.
    const file = path.resolve(process.env.INIT_CWD ?? '', values.json)
    mkdirSync(path.dirname(file), { recursive: true })
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
    writeFileSync(file, `${JSON.stringify({ machine, command, results }, null, 2)}\n`)
    console.log(`\nwritten to ${values.json}`)
  }
}

class UsageError extends Error {}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return (
    error instanceof TypeError && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS')
  )
}

/** A number of the command line, under its name; nothing where it was not given. */
function number<Name extends string>(
  name: Name,
  text: string | undefined,
): { [name in Name]?: number } {
  if (text === undefined) return {}
  const value = Number(text)
  if (!(value > 0)) throw new UsageError(`--${name} must be a number above 0, got "${text}"`)
  return { [name]: value } as { [name in Name]: number }
}

try {
  await main()
} catch (error) {
  if (!isUsageError(error)) throw error
  console.error(`${error.message}\n\n${usage}`)
  process.exitCode = 2
}
