import { readdirSync } from 'node:fs'
import path from 'node:path'
import { commonVersion, publicPackages } from './packages.js'

/** What a push to the main branch leads to. */
export interface Selection {
  mode: 'version' | 'publish' | 'none'
  version: string
}

export function selectMode(
  root: string,
  isPublished: (name: string, version: string) => boolean,
): Selection {
  const packages = publicPackages(root)
  const version = commonVersion(packages)
  if (hasChangesets(root)) return { mode: 'version', version }
  const missing = packages.some(({ name }) => !isPublished(name, version))
  return { mode: missing ? 'publish' : 'none', version }
}

function hasChangesets(root: string): boolean {
  const files = readdirSync(path.join(root, '.changeset'))
  return files.some((file) => file.endsWith('.md') && file !== 'README.md')
}
