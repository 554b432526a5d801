import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { siteFolder } from '../src/places.js'

test('the components fit their types', () => {
  const project = path.join(siteFolder, 'tsconfig.theme.json')
  execFileSync(process.execPath, [
    path.join(siteFolder, 'node_modules/vue-tsc/bin/vue-tsc.js'),
    '-p',
    project,
  ])
})
