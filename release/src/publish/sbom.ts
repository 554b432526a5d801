import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { muslVersion } from '../binaries/zig.js'
import { succeed } from '../command.js'
import type { PackedPackage } from '../packages/tarball.js'
import { toolFile } from '../packages/tools.js'
import { root } from '../root.js'

/** A software bill of materials, in the JSON of CycloneDX: as much of it as is used here. */
export interface Sbom {
  metadata: { component: Component }
  components: Component[]
  dependencies: Dependency[]
}

export interface Component {
  'bom-ref': string
  type: string
  name: string
  version: string
  externalReferences?: { type: string; url: string }[]
  /** Its hashes, its licences, and so on. */
  [more: string]: unknown
}

interface Dependency {
  ref: string
  dependsOn: string[]
}

/** Linked into every launcher: `compiler-arguments.ts` has its target. */
const musl: Component = {
  'bom-ref': `musl@${muslVersion}`,
  type: 'library',
  name: 'musl',
  version: muslVersion,
  description: 'The C library, linked into prebuilds/*/reuse-exec',
  purl: `pkg:generic/musl@${muslVersion}`,
  licenses: [{ license: { id: 'MIT' } }],
}

/** Bundled into the command, as `scripts/bundle/embedded.js` says. */
function commander(): Component {
  const file = path.join(root, 'packages/cli/node_modules/commander/package.json')
  const { version } = JSON.parse(readFileSync(file, 'utf8'))
  return {
    'bom-ref': `commander@${version}`,
    type: 'library',
    name: 'commander',
    version,
    description: 'Parses command lines; bundled into dist/bundle/main.js',
    purl: `pkg:npm/commander@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  }
}

/**
 * What is installed with a package, in the versions that npm chooses today, and what is linked or bundled
 * into its programs. Its peers are not in it: whoever installs it chooses those.
 *
 * @param registry the URL of a registry that has the package's dependencies
 * @param into a folder that does not exist yet
 */
export async function makeSbom(
  packed: PackedPackage,
  registry: string,
  into: string,
): Promise<Sbom> {
  // npm would report development dependencies and peers as missing.
  const { devDependencies: _, peerDependencies: __, ...manifest } = packed.manifest
  mkdirSync(into)
  writeFileSync(path.join(into, 'package.json'), JSON.stringify(manifest))
  writeFileSync(path.join(into, '.npmrc'), `registry=${registry}\naudit=false\nfund=false\n`)
  const npm = [process.execPath, await toolFile('npm')]
  const unpacked = '--package-lock-only' // Nothing has to be installed.
  await succeed([...npm, 'install', unpacked], { cwd: into })
  const format = ['--sbom-format=cyclonedx', '--sbom-type=library']
  const sbom: Sbom = JSON.parse(await succeed([...npm, 'sbom', unpacked, ...format], { cwd: into }))
  return completed(sbom, packed)
}

/** Adds what npm does not know, and leaves out what is specific to the machine where it was made. */
function completed(
  { metadata, components, dependencies, ...sbom }: Sbom,
  { manifest, files, tarball }: PackedPackage,
): Sbom {
  const hash = createHash('sha512').update(readFileSync(tarball)).digest('hex')
  const component = {
    ...metadata.component,
    name: String(manifest.name), // npm takes the folder's name.
    hashes: [{ alg: 'SHA-512', content: hash }],
  }
  const linked = files.some((file) => path.basename(file) === 'reuse-exec')
    ? [musl, commander()]
    : []
  const isOwn = ({ ref }: Dependency): boolean => ref === component['bom-ref']
  return {
    ...sbom,
    metadata: { ...metadata, component },
    components: [...components.map(withoutOrigin), ...linked],
    dependencies: [
      ...dependencies.map((one) =>
        isOwn(one) ? { ...one, dependsOn: [...one.dependsOn, ...refsOf(linked)] } : one,
      ),
      ...refsOf(linked).map((ref) => ({ ref, dependsOn: [] })),
    ],
  }
}

const refsOf = (all: readonly Component[]): string[] => all.map((one) => one['bom-ref'])

/** Without its download location, here a registry on loopback; its purl says where others get it. */
function withoutOrigin({ externalReferences = [], ...component }: Component): Component {
  const others = externalReferences.filter(({ type }) => type !== 'distribution')
  return { ...component, externalReferences: others }
}
