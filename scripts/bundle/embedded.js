/** What makes a command start fast: its libraries are in its file, and Node's modules are not linked. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import plugin from '@rollup/plugin-commonjs'

/** @type {{ bin?: unknown, devDependencies?: Record<string, string> }} */
const { bin, devDependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'))
/** A package that programs import shares its libraries with them. */
const embedded = bin === undefined ? {} : devDependencies
const resolver = createRequire(path.resolve('package.json'))

/** @param {string} id */
export function isEmbedded(id) {
  return Object.hasOwn(embedded, id)
}

// Its types are for CommonJS, where the function would be in `default`.
const commonjs = /** @type {() => import('rollup').Plugin} */ (/** @type {unknown} */ (plugin))

/**
 * Bundles what the sources import and the manifest lists in its `devDependencies`: finding and linking a
 * package of many files takes longer than running it.
 *
 * @type {import('rollup').Plugin[]}
 */
export const embeddedPackages = [
  {
    name: 'embedded-packages',
    resolveId: (id) => (isEmbedded(id) ? resolver.resolve(id) : null),
    transform: (code, id) => {
      if (!id.endsWith('/commander/lib/command.js')) return null
      // It is loaded to start commands that are separate programs, and we have none.
      const without = code.replace(
        "require('node:child_process')",
        "{ spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) }",
      )
      if (without === code) throw new Error('commander loads node:child_process in another way now')
      return { code: without, map: null }
    },
  },
  commonjs(),
  {
    name: 'without-their-source-maps',
    // They would be half of the file, and whoever debugs a library has its package.
    transform: (code, id) =>
      id.includes('/node_modules/') ? { code, map: { mappings: '' } } : null,
  },
]

/**
 * Gets Node's modules as CommonJS does: an import first makes a module with all of their exports.
 *
 * @type {import('rollup').Plugin}
 */
export const builtinsWithoutLinking = {
  name: 'builtins-without-linking',
  renderChunk: (code) => ({ code: code.replaceAll(importOfBuiltin, withoutLinking), map: null }),
}

const importOfBuiltin = /^import (?:([\w$]+)(?:, | ))?(?:\{(.*)\} )?from '(node:[\w/]+)';$/gm

/**
 * @param {string} _
 * @param {string | undefined} whole
 * @param {string | undefined} names
 * @param {string} builtin
 */
function withoutLinking(_, whole, names, builtin) {
  const module = `process.getBuiltinModule('${builtin}')`
  return [
    ...(whole === undefined ? [] : [`const ${whole} = ${module};`]),
    ...(names === undefined ? [] : [`const {${names.replaceAll(' as ', ': ')}} = ${module};`]),
  ].join(' ')
}

/**
 * The licences of the packages that a file contains.
 *
 * @param {import('rollup').RenderedChunk} chunk
 */
export function licences({ moduleIds }) {
  const folders = moduleIds.flatMap(
    (id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(id)?.[0] ?? [],
  )
  return [...new Set(folders)]
    .filter((folder) => !folder.startsWith('\0'))
    .map(licence)
    .join('\n')
}

/** @param {string} folder */
function licence(folder) {
  const { name, version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
  const file = ['LICENSE', 'LICENSE.md'].map((one) => folder + one).find(existsSync)
  if (file === undefined) throw new Error(`${name} has no licence, and is bundled`)
  return `/*!\n${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n*/`
}
