/** `npm run bench -- [scenario] [--rounds N] [--seconds S]` */
import { parseArgs } from 'node:util'
import { describeMachine } from './machine.js'
import { scenarios } from './scenarios/index.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '3' },
  },
})

const names = positionals.length > 0 ? positionals : Object.keys(scenarios)
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const unknown = names.find((name) => !(name in scenarios))

if (unknown !== undefined || !(rounds >= 1) || !(seconds > 0)) {
  console.error(
    `Usage: npm run bench -- [${Object.keys(scenarios).join('|')}] [--rounds 10] [--seconds 3]`,
  )
  process.exitCode = 2
} else {
  console.log(describeMachine())
  for (const name of names) await scenarios[name]?.({ rounds, seconds })
}
