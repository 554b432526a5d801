// Makes the files that are published of the package in this folder from the output of tsc: one for each
// of its `exports` and programs, and one that they share; with source maps and types. What a program
// loads only when it needs it is in a file beside them. Each further source that is named, such as
// `build`, gets its own file.
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { chunkOf } from './bundle/chunks.js'
import {
  builtinsWithoutLinking,
  embeddedPackages,
  isEmbedded,
  licences,
} from './bundle/embedded.js'

const compiled = 'dist/src'
const bundle = 'dist/bundle'

/** @type {{ exports: Record<string, string | { types: string }>, bin?: Record<string, string> }} */
const { exports, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'))
const entries = Object.values(exports).flatMap((target) =>
  typeof target === 'object' ? path.basename(target.types, '.d.ts') : [],
)
const programs = Object.values(bin).map((file) => path.basename(file, '.js'))

/** @type {import('rollup').Plugin} */
const sourceMaps = {
  name: 'source-maps',
  load: (file) =>
    file.includes(compiled)
      ? {
          code: readFileSync(file, 'utf8'),
          map: JSON.parse(readFileSync(`${file}.map`, 'utf8')),
        }
      : null,
}
const plugins =
  programs.length > 0 ? [sourceMaps, ...embeddedPackages, builtinsWithoutLinking] : [sourceMaps]

rmSync(bundle, { recursive: true, force: true })
if (entries.length + programs.length > 0) await write([...entries, ...programs], '.js', plugins)
for (const further of process.argv.slice(2)) await write([further], '.js', plugins)
for (const entry of entries) await write([entry], '.d.ts', [dts()])

/**
 * @param {string[]} names
 * @param {'.js' | '.d.ts'} extension
 * @param {import('rollup').Plugin[]} plugins
 */
async function write(names, extension, plugins) {
  const { write } = await rollup({
    input: Object.fromEntries(names.map((name) => [name, `${compiled}/${name}${extension}`])),
    external: (id) => !/^[./\0]/.test(id) && !id.startsWith(compiled) && !isEmbedded(id),
    plugins,
    onwarn: ({ message }) => {
      throw new Error(message)
    },
  })
  await write({
    dir: bundle,
    sourcemap: extension === '.js',
    entryFileNames: `[name]${extension}`,
    chunkFileNames: `[name]${extension}`,
    // Otherwise, Rollup would make one chunk for each set of entries.
    manualChunks: (id, { getModuleInfo }) => (names.length > 1 ? chunkOf(id, getModuleInfo) : null),
    onlyExplicitManualChunks: true,
    // What the shared file imports is imported only there.
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    footer: licences,
  })
}
