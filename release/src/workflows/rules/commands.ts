import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../root.js'
import type { Rule } from '../rule.js'
import { mapping } from '../workflow.js'

/** Finds a workflow that calls something that does not exist, before the day of a release. */
export const commands: Rule = ({ jobs }) => {
  const scripts = mapping(mapping(readManifest()).scripts)
  return jobs.flatMap(({ id, steps }) =>
    steps.flatMap(({ run, 'working-directory': folder = '.' }) => {
      const missing = npmScripts(String(run)).filter((name) => !Object.hasOwn(scripts, name))
      return [
        ...missing.map((name) => `job ${id}: package.json has no script "${name}"`),
        ...programs(String(run))
          .filter((file) => !existsSync(path.join(root, String(folder), file)))
          .map((file) => `job ${id}: there is no ${file}`),
      ]
    }),
  )
}

function readManifest(): unknown {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
}

function npmScripts(run: string): string[] {
  return [...run.matchAll(/\bnpm (?:run (?:--silent )?)?([\w:-]+)/g)]
    .filter(([call, name]) => call.startsWith('npm run ') || name === 'test' || name === 'start')
    .map(([, name = '']) => name)
}

/** For a compiled file, the source that it comes from. */
function programs(run: string): string[] {
  return [...run.matchAll(/\bnode (?:--[\w=-]+ )*([\w./-]+\.js)\b/g)].map(([, file = '']) =>
    file.replace(/(^|\/)dist\/(src|test)\/(.*)\.js$/, '$1$2/$3.ts'),
  )
}
