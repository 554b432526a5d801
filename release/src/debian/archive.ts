import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { aptMirror } from './mirror.js'

/** The keys with which the lists of a release are signed. */
const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Debian's packages for a processor, or of a release, that need not be this machine's. apt works in
 * separate folders, so that this machine does not end up with two architectures or releases.
 */
export class DebianArchive {
  readonly #folder: string
  readonly #options: readonly string[]

  private constructor(folder: string, options: readonly string[]) {
    this.#folder = folder
    this.#options = options
  }

  /**
   * @param folder is emptied
   * @param release such as `bullseye`; default: that of this machine
   */
  static async open(folder: string, arch: string, release?: string): Promise<DebianArchive> {
    rmSync(folder, { recursive: true, force: true })
    for (const each of ['state/lists/partial', 'cache/archives/partial']) {
      mkdirSync(path.join(folder, each), { recursive: true })
    }
    const settings = {
      'Dir::State': path.join(folder, 'state'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': path.join(folder, 'cache'),
      'APT::Architecture': arch,
      'APT::Architectures': arch,
      // apt's own user for downloads may not write here.
      'APT::Sandbox::User': 'root',
      ...(release === undefined ? {} : await sourcesOf(folder, release)),
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    const archive = new DebianArchive(folder, options)
    archive.#run('apt-get', 'update')
    return archive
  }

  /** The packages that a package depends on, such as the kernel that `linux-image-amd64` stands for. */
  dependencies(name: string): string[] {
    const lines = this.#run('apt-cache', 'depends', name).split('\n')
    return lines.flatMap((line) => /^\s*Depends: (\S+)$/.exec(line)?.[1] ?? [])
  }

  /** Unpacks packages, without their dependencies, and returns the folder with their files. */
  unpack(...names: string[]): string {
    this.#run('apt-get', 'download', ...names)
    const unpacked = path.join(this.#folder, 'root')
    const files = readdirSync(this.#folder).filter((name) => name.endsWith('.deb'))
    for (const file of files) {
      execFileSync('dpkg-deb', ['-x', file, unpacked], { cwd: this.#folder })
      rmSync(path.join(this.#folder, file))
    }
    return unpacked
  }

  #run(program: string, ...args: string[]): string {
    return execFileSync(program, [...this.#options, '-q', ...args], {
      cwd: this.#folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    })
  }
}

async function sourcesOf(folder: string, release: string): Promise<Record<string, string>> {
  const mirror = await aptMirror()
  if (mirror === undefined) throw new Error("apt knows no mirror of Debian's")
  const file = path.join(folder, 'sources.list')
  const signed = existsSync(keys) ? `[signed-by=${keys}] ` : ''
  writeFileSync(file, `deb ${signed}${mirror} ${release} main\n`)
  return { 'Dir::Etc::sourcelist': file, 'Dir::Etc::sourceparts': '/dev/null' }
}
