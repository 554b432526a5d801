import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkFolder } from '../../src/check/check-folder.js'
import { selectTargets } from '../../src/check/selection.js'
import {
  bufferutil,
  compileAgainstGlibc,
  compileLibrary,
  compileProgram,
  goodSource,
  layOut,
  skipWithoutElf,
} from './binaries.js'

const { arch } = process
const otherArch = arch === 'x64' ? 'arm64' : 'x64'
const elf = { skip: skipWithoutElf }

/** Checks the only file of a folder. */
function check(t: TestContext, target: string, file: string, content: Buffer | string) {
  return checkFolder(layOut(t, { [file]: content }), selectTargets(target))
}

test('a correct ELF binary is accepted for glibc and for musl', elf, (t) => {
  const good = compileLibrary(t, goodSource)
  const folder = layOut(t, {
    [`core/prebuilds/linux-${arch}/reuse.glibc.node`]: good,
    [`core/prebuilds/linux-${arch}/reuse.musl.node`]: good,
  })
  assert.deepEqual(checkFolder(folder, selectTargets(`linux-${arch}-glibc,linux-${arch}-musl`)), [])
})

test('a binary in the folder of another processor is refused', elf, (t) => {
  const file = `core/prebuilds/linux-${otherArch}/reuse.glibc.node`
  const problems = check(t, `linux-${otherArch}-glibc`, file, compileLibrary(t, goodSource))
  assert.deepEqual(problems, [`${file}: expected code for ${otherArch}, found code for ${arch}.`])
})

test('an ELF file in the folder for Windows is refused', elf, (t) => {
  const problems = check(
    t,
    'win32-x64',
    'core/prebuilds/win32-x64/reuse.node',
    compileLibrary(t, goodSource),
  )
  assert.deepEqual(problems, [
    'core/prebuilds/win32-x64/reuse.node: expected a file in PE format, found ELF.',
  ])
})

test('a binary that needs a glibc newer than 2.17 is refused', elf, (t) => {
  const file = `core/prebuilds/linux-${arch}/reuse.glibc.node`
  assert.deepEqual(check(t, `linux-${arch}-glibc`, file, compileAgainstGlibc(t, '2.18')), [
    `${file}: expected nothing newer than glibc 2.17, found GLIBC_2.18.`,
  ])
  assert.deepEqual(check(t, `linux-${arch}-glibc`, file, compileAgainstGlibc(t, '2.17')), [])
})

test('a binary without the Node-API export is refused', elf, (t) => {
  const file = `core/prebuilds/linux-${arch}/reuse.musl.node`
  const hidden = compileLibrary(t, goodSource, '-fvisibility=hidden')
  assert.deepEqual(check(t, `linux-${arch}-musl`, file, hidden), [
    `${file}: expected the export napi_register_module_v1, found none.`,
  ])
})

test('a program is refused where a library is expected', elf, (t) => {
  const file = `core/prebuilds/linux-${arch}/reuse.musl.node`
  const ET_EXEC = 2
  const program = compileLibrary(t, goodSource)
  program.writeUInt16LE(ET_EXEC, 16)
  assert.deepEqual(check(t, `linux-${arch}-musl`, file, program), [
    `${file}: expected a library that can be loaded, found another kind of file.`,
  ])
})

/** Checks the launcher of this machine's processor. */
function checkLauncher(t: TestContext, content: Buffer, mode = 0o755) {
  const folder = layOut(t, { [launcher]: content })
  chmodSync(path.join(folder, launcher), mode)
  return checkFolder(folder, selectTargets(`linux-${arch}-launcher`))
}

const launcher = `cli/prebuilds/linux-${arch}/reuse-exec`
const bare = ['-nostdlib', '-Wl,--entry=main']

test('a static launcher is accepted', elf, (t) => {
  assert.deepEqual(checkLauncher(t, compileProgram(t, '-static', ...bare)), [])
})

test('a launcher that needs the system’s C library is refused', elf, (t) => {
  const [first, ...rest] = checkLauncher(t, compileProgram(t, '-no-pie'))
  assert.match(
    first ?? '',
    /^cli\S+: expected a program that starts by itself, found one that \/\S+ starts\.$/,
  )
  assert.equal(rest.length, 1)
  assert.match(rest[0] ?? '', /^cli\S+: expected no library, found libc\.\S+\.$/)
})

test('a library is refused where a launcher is expected', elf, (t) => {
  assert.deepEqual(checkLauncher(t, compileLibrary(t, goodSource)), [
    `${launcher}: expected a program, found another kind of file.`,
  ])
})

test('a launcher that not everybody may execute is refused', elf, (t) => {
  const good = compileProgram(t, '-static', ...bare)
  for (const mode of [0o644, 0o744, 0o711]) {
    assert.deepEqual(checkLauncher(t, good, mode), [
      `${launcher}: expected a file that everybody may execute, found mode ${mode.toString(8)}.`,
    ])
  }
})

/** Checks the preload library of this machine's processor. */
function checkPreload(t: TestContext, source: string, ...flags: string[]) {
  return check(t, `linux-${arch}-preload`, preload, compileLibrary(t, source, ...flags))
}

const preload = `cli/prebuilds/linux-${arch}/reuse-preload.so`
const replacing = ['bind', 'connect', 'listen'].map((name) => `int ${name}(void) { return 0; }`)

test('a preload library that needs only the program’s C library is accepted', elf, (t) => {
  const [bind, ...others] = replacing
  const calling = ['int close(int);', bind?.replace('0', 'close(0)'), ...others].join(' ')
  assert.deepEqual(checkPreload(t, calling), [])
})

test('a preload library with missing or extra exports is refused', elf, (t) => {
  const expected = `${preload}: expected the exports bind, connect, listen, found`
  assert.deepEqual(checkPreload(t, replacing.slice(1).join(' ')), [`${expected} connect, listen.`])
  const more = [...replacing, 'int explain(void) { return 0; }'].join(' ')
  assert.deepEqual(checkPreload(t, more), [`${expected} bind, connect, explain, listen.`])
})

test('a preload library that links a C library is refused', elf, (t) => {
  const [first = ''] = checkPreload(t, replacing.join(' '), '-Wl,--no-as-needed', '-lc')
  assert.match(first, /^cli\S+: expected no library, found libc\.\S+\.$/)
})

test('a program is refused where a preload library is expected', elf, (t) => {
  const program = compileProgram(t, '-static', ...bare)
  assert.deepEqual(check(t, `linux-${arch}-preload`, preload, program), [
    `${preload}: expected a library that can be loaded, found another kind of file.`,
    `${preload}: expected the exports bind, connect, listen, found none.`,
  ])
})

test('an unexpected file beside the launchers is refused', (t) => {
  const folder = layOut(t, { 'cli/prebuilds/linux-x64/reuse-exec.map': '' })
  assert.deepEqual(checkFolder(folder, []), [
    'cli/prebuilds/linux-x64/reuse-exec.map: expected nothing of this name, found a file.',
  ])
})

test('a binary that contains a path of its build is refused', elf, (t) => {
  const file = `core/prebuilds/linux-${arch}/reuse.musl.node`
  const source = (place: string) => `const char place[] = "${place}"; ${goodSource}`
  const leaking = compileLibrary(t, source('/home/someone/reuse/binding.c'))
  assert.deepEqual(check(t, `linux-${arch}-musl`, file, leaking), [
    `${file}: expected no path of its build, found /home/someone/reuse/binding.c.`,
  ])
  const folder = layOut(t, { [file]: compileLibrary(t, source('/odd/place/binding.c')) })
  assert.deepEqual(checkFolder(folder, selectTargets(`linux-${arch}-musl`), ['/', '/odd/place/']), [
    `${file}: expected no path of its build, found /odd/place.`,
  ])
})

test('a Windows build path, which Microsoft’s linker embeds, is refused', (t) => {
  const problems = check(
    t,
    'win32-x64',
    'core/prebuilds/win32-x64/reuse.node',
    bufferutil('win32-x64'),
  )
  assert.deepEqual(problems, [
    'core/prebuilds/win32-x64/reuse.node: expected the export napi_register_module_v1, found _register_bufferutil_.',
    'core/prebuilds/win32-x64/reuse.node: expected no path of its build, found D:\\a\\bufferutil\\bufferutil\\src\\bufferutil.c.',
  ])
})

test('a macOS binary with a missing or invalid signature is refused', (t) => {
  const file = 'core/prebuilds/darwin-arm64/reuse.node'
  const noExport = `${file}: expected the export napi_register_module_v1, found Init, Mask, Unmask.`
  const signed = bufferutil('darwin-arm64')
  assert.deepEqual(check(t, 'darwin-arm64', file, signed), [noExport])

  const changed = Buffer.from(signed)
  changed.writeUInt8(1, changed.indexOf('napi_create_function'))
  assert.deepEqual(check(t, 'darwin-arm64', file, changed), [
    noExport,
    `${file}: expected a valid signature, found one that does not fit the file.`,
  ])

  const LC_CODE_SIGNATURE = Buffer.from([0x1d, 0, 0, 0, 16, 0, 0, 0])
  const LC_FUNCTION_STARTS = 0x26
  const unsigned = Buffer.from(signed)
  unsigned.writeUInt32LE(LC_FUNCTION_STARTS, unsigned.indexOf(LC_CODE_SIGNATURE))
  assert.deepEqual(check(t, 'darwin-arm64', file, unsigned), [
    noExport,
    `${file}: expected a valid signature, found none.`,
  ])
})

test('a truncated binary is refused', (t) => {
  const file = 'core/prebuilds/darwin-arm64/reuse.node'
  const half = bufferutil('darwin-arm64').subarray(0, 20_000)
  assert.deepEqual(check(t, 'darwin-arm64', file, half), [
    `${file}: expected a binary, found a file that is cut short or damaged: its 20000 bytes end before what it points to.`,
  ])
})

test('text files, missing files and unexpected files are reported', (t) => {
  const folder = layOut(t, {
    'core/prebuilds/win32-x64/reuse.node': '<html>404</html>',
    'core/prebuilds/win32-x64/reuse.lib': '',
    'core/prebuilds/linux-riscv64/reuse.node': '',
  })
  assert.deepEqual(checkFolder(folder, selectTargets('win32')), [
    'core/prebuilds/win32-x64/reuse.node: expected a binary, found a file of 16 bytes that begins with "<html>404</html>".',
    'core/prebuilds/win32-arm64/reuse.node: expected a binary, found no file.',
    'core/prebuilds/linux-riscv64/reuse.node: expected nothing of this name, found a file.',
    'core/prebuilds/win32-x64/reuse.lib: expected nothing of this name, found a file.',
  ])
})

test('every binary is reported missing from a folder that does not exist', () => {
  const problems = checkFolder('/nowhere', selectTargets())
  assert.equal(problems.length, 12)
  for (const problem of problems) assert.match(problem, /expected a binary, found no file\.$/)
})
