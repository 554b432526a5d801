/** `npm run schema`: writes the JSON Schema that is published. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configSchema } from './schema.js'

const file = fileURLToPath(new URL('../../../reuse.config.schema.json', import.meta.url))
const biome = fileURLToPath(new URL('../../../../../node_modules/.bin/biome', import.meta.url))

writeFileSync(file, JSON.stringify(configSchema()))
execFileSync(biome, ['format', '--write', file], { stdio: 'inherit' })
