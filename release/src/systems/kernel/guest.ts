import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { DebianArchive } from '../../debian/archive.js'
import { root } from '../../root.js'
import { cache } from '../cache.js'
import type { Kernel } from './kernels.js'

/** What an emulated machine starts from. */
export interface Guest {
  /** The kernel's release, such as `5.10.0-32-amd64`. */
  version: string
  kernel: string
  /** The initial file system, which is also the one in which the tests run. */
  initial: string
}

/**
 * Modules that are loaded at the start, each after those that it needs; some of them may be built into
 * the kernel. The first ones give access to this machine's folders; the last ones tell who listens.
 */
const modules: readonly string[] = [
  ...['virtio', 'virtio_ring', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci'],
  ...['netfs', 'fscache', '9pnet', '9pnet_virtio', '9p'],
  ...['inet_diag', 'tcp_diag', 'udp_diag', 'unix_diag'],
]

/** Fetches a kernel, and makes the file system that it starts with; once. */
export async function makeGuest(kernel: Kernel): Promise<Guest> {
  const folder = path.join(cache, kernel.target)
  const initial = path.join(folder, 'initial.gz')
  const made = path.join(folder, 'made')
  const unpacked = path.join(folder, 'debian/root')
  if (!existsSync(made)) {
    console.log(`Fetching the kernel of ${kernel.target}`)
    const archive = await DebianArchive.open(
      path.join(folder, 'debian'),
      kernel.debianArch,
      kernel.release,
    )
    const [image] = archive.dependencies(`linux-image-${kernel.debianArch}`)
    if (image === undefined) throw new Error(`Debian has no kernel for ${kernel.target}`)
    archive.unpack(image, 'busybox-static')
    makeInitial(kernel, unpacked, path.join(folder, 'initial'), initial)
    writeFileSync(made, '')
  }
  const [file] = readdirSync(path.join(unpacked, 'boot')).filter((name) => /^vmlinuz/.test(name))
  if (file === undefined) throw new Error(`${unpacked} has no kernel`)
  return {
    version: file.replace('vmlinuz-', ''),
    kernel: path.join(unpacked, 'boot', file),
    initial,
  }
}

/** The folder that a guest and this machine share, for what to run and how it ended. */
export function exchangeOf({ target }: Kernel): string {
  return path.join(cache, target, 'exchange')
}

function makeInitial(kernel: Kernel, debian: string, folder: string, file: string): void {
  rmSync(folder, { recursive: true, force: true })
  for (const name of ['etc', 'proc', 'sys', 'dev', 'tmp', 'run', 'root', 'modules']) {
    mkdirSync(path.join(folder, name), { recursive: true })
  }
  for (const [name, target] of Object.entries(kernel.links)) {
    symlinkSync(target, path.join(folder, name))
  }
  if (!('bin' in kernel.links)) mkdirSync(path.join(folder, 'bin'))
  for (const { to } of kernel.folders) mkdirSync(path.join(folder, to), { recursive: true })
  mkdirSync(path.join(folder, root), { recursive: true })
  for (const name of ['passwd', 'group', 'hosts', 'nsswitch.conf', 'protocols', 'services']) {
    const from = path.join('/etc', name)
    if (existsSync(from)) copyFileSync(from, path.join(folder, 'etc', name))
  }
  copyFileSync(busyboxOf(debian), path.join(folder, 'busybox'))
  copyModules(debian, path.join(folder, 'modules'))
  const init = path.join(folder, 'init')
  writeFileSync(init, initOf(kernel))
  chmodSync(init, 0o755)

  const list = readdirSync(folder, { recursive: true, encoding: 'utf8' }).join('\n')
  const archive = execFileSync('cpio', ['--create', '--format=newc', '--quiet'], {
    cwd: folder,
    input: list,
    maxBuffer: 256 * 1024 * 1024,
  })
  const packed = execFileSync('gzip', ['-1'], { input: archive, maxBuffer: 256 * 1024 * 1024 })
  writeFileSync(`${file}.part`, packed)
  renameSync(`${file}.part`, file)
}

function busyboxOf(debian: string): string {
  const places = ['bin/busybox', 'usr/bin/busybox'].map((place) => path.join(debian, place))
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error(`${debian} has no busybox`)
  return found
}

/** Copies the modules under names that sort in the order in which they are loaded. */
function copyModules(debian: string, to: string): void {
  const files = ['lib/modules', 'usr/lib/modules']
    .map((place) => path.join(debian, place))
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(place, name),
      ),
    )
  for (const [index, name] of modules.entries()) {
    const found = files.find((file) => new RegExp(`/${name}\\.ko(\\.xz)?$`).test(file))
    if (found === undefined) continue // It is built into this kernel, or part of another module.
    const target = path.join(to, `${String(index).padStart(2, '0')}-${name}.ko`)
    if (found.endsWith('.xz')) writeFileSync(target, unpackXz(found))
    else cpSync(found, target)
  }
}

function unpackXz(file: string): Buffer {
  return execFileSync('xz', ['--decompress', '--stdout', file], { maxBuffer: 64 * 1024 * 1024 })
}

/** The first program of the guest: it mounts this machine's folders, runs the command, and ends. */
function initOf(kernel: Kernel): string {
  const options = 'trans=virtio,version=9p2000.L,msize=262144,cache=loose'
  const mounts = kernel.folders.map(
    ({ to }, index) => `mount -t 9p -o ${options},ro folder${index} ${to}`,
  )
  const busybox = (line: string): string => `/busybox ${line}`
  return [
    '#!/busybox sh',
    'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...['mount -t proc proc /proc', 'mount -t sysfs sys /sys', 'mount -t devtmpfs dev /dev'].map(
      busybox,
    ),
    'exec < /dev/console > /dev/console 2>&1',
    ...['mkdir -p /dev/shm', 'mount -t tmpfs shm /dev/shm'].map(busybox),
    'for module in /modules/*; do /busybox insmod "$module"; done',
    ...mounts.map(busybox),
    busybox(`mount -t 9p -o ${options} root '${root}'`),
    '[ -e /bin/sh ] || /busybox --install -s /bin',
    busybox('ip link set lo up'),
    busybox(`sh '${exchangeOf(kernel)}/command' < /dev/null`),
    `echo $? > '${exchangeOf(kernel)}/status'`,
    ...['sync', 'poweroff -f'].map(busybox),
    '',
  ].join('\n')
}
