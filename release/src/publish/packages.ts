import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface PublicPackage {
  name: string
  version: string
  folder: string
}

/** The packages of the repository that go to npm. They move together: all have the same version. */
export function publicPackages(root: string): PublicPackage[] {
  const folders = readdirSync(path.join(root, 'packages')).map((name) =>
    path.join(root, 'packages', name),
  )
  return folders.flatMap((folder) => {
    const manifest: { name: string; version: string; private?: boolean } = JSON.parse(
      readFileSync(path.join(folder, 'package.json'), 'utf8'),
    )
    const { name, version } = manifest
    return manifest.private === true ? [] : [{ name, version, folder }]
  })
}

/** The version that all of them have. */
export function commonVersion(packages: readonly PublicPackage[]): string {
  const [first, ...rest] = packages
  const other = rest.find(({ version }) => version !== first?.version)
  if (first === undefined) throw new Error('There is no public package below packages/.')
  if (other === undefined) return first.version
  throw new Error(
    `${first.name} is ${first.version} and ${other.name} is ${other.version}: run \`npx changeset version\`.`,
  )
}
