// `npm run lint:workflows`: what is wrong with the workflows of this repository.
import path from 'node:path'
import { root } from '../root.js'
import { checkWorkflow } from './check.js'
import { readWorkflows } from './workflow.js'

const workflows = readWorkflows(path.join(root, '.github/workflows'))
const found = (await Promise.all(workflows.map(checkWorkflow))).flat()
for (const sentence of found) console.error(sentence)
console.log(`${workflows.length} workflows checked, ${found.length} mistakes found`)
process.exitCode = found.length > 0 ? 1 : 0
