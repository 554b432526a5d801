import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import Type from 'typebox'
import Value from 'typebox/value'

const require = createRequire(import.meta.url)
const Manifest = Type.Object({ name: Type.String(), version: Type.String() })

/** Which version of an npm package is used here. */
export function versionOf(name: string): string {
  // Not every package exports its package.json.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(path.join(folder, name, 'package.json'), 'utf8')
      return Value.Parse(Manifest, JSON.parse(text)).version
    } catch {}
  }
  throw new Error(`the package ${name} is not installed`)
}

export function frameworkVersions(): Record<string, string> {
  return Object.fromEntries(['express', 'fastify', 'koa'].map((name) => [name, versionOf(name)]))
}
