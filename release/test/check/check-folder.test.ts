import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { checkFolder } from '../../src/check/check-folder.js'
import { selectTargets } from '../../src/check/selection.js'
import {
  bufferutil,
  compileAgainstGlibc,
  compileLibrary,
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

test('a good binary for glibc and for musl', elf, (t) => {
  const good = compileLibrary(t, goodSource)
  const folder = layOut(t, {
    [`linux-${arch}/reuse.glibc.node`]: good,
    [`linux-${arch}/reuse.musl.node`]: good,
  })
  assert.deepEqual(checkFolder(folder, selectTargets(`linux-${arch}`)), [])
})

test("this machine's ELF in the folder of the other processor", elf, (t) => {
  const file = `linux-${otherArch}/reuse.glibc.node`
  const problems = check(t, `linux-${otherArch}-glibc`, file, compileLibrary(t, goodSource))
  assert.deepEqual(problems, [`${file}: expected code for ${otherArch}, found code for ${arch}.`])
})

test("this machine's ELF in Windows' folder", elf, (t) => {
  const problems = check(t, 'win32-x64', 'win32-x64/reuse.node', compileLibrary(t, goodSource))
  assert.deepEqual(problems, ['win32-x64/reuse.node: expected a file in PE format, found ELF.'])
})

test('a glibc that is too new', elf, (t) => {
  const file = `linux-${arch}/reuse.glibc.node`
  assert.deepEqual(check(t, `linux-${arch}-glibc`, file, compileAgainstGlibc(t, '2.18')), [
    `${file}: expected nothing newer than glibc 2.17, found GLIBC_2.18.`,
  ])
  assert.deepEqual(check(t, `linux-${arch}-glibc`, file, compileAgainstGlibc(t, '2.17')), [])
})

test('a missing export', elf, (t) => {
  const file = `linux-${arch}/reuse.musl.node`
  const hidden = compileLibrary(t, goodSource, '-fvisibility=hidden')
  assert.deepEqual(check(t, `linux-${arch}-musl`, file, hidden), [
    `${file}: expected the export napi_register_module_v1, found none.`,
  ])
})

test('a program where a library is expected', elf, (t) => {
  const file = `linux-${arch}/reuse.musl.node`
  const ET_EXEC = 2
  const program = compileLibrary(t, goodSource)
  program.writeUInt16LE(ET_EXEC, 16)
  assert.deepEqual(check(t, `linux-${arch}-musl`, file, program), [
    `${file}: expected a library that can be loaded, found another kind of file.`,
  ])
})

test('the path of the build', elf, (t) => {
  const file = `linux-${arch}/reuse.musl.node`
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

test("Windows' path of the build, which Microsoft's linker puts into a file", (t) => {
  const problems = check(t, 'win32-x64', 'win32-x64/reuse.node', bufferutil('win32-x64'))
  assert.deepEqual(problems, [
    'win32-x64/reuse.node: expected the export napi_register_module_v1, found _register_bufferutil_.',
    'win32-x64/reuse.node: expected no path of its build, found D:\\a\\bufferutil\\bufferutil\\src\\bufferutil.c.',
  ])
})

test('a signature that is gone, and one that does not fit', (t) => {
  const file = 'darwin-arm64/reuse.node'
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

test('half a file', (t) => {
  const file = 'darwin-arm64/reuse.node'
  const half = bufferutil('darwin-arm64').subarray(0, 20_000)
  assert.deepEqual(check(t, 'darwin-arm64', file, half), [
    `${file}: expected a binary, found a file that is cut short or damaged: its 20000 bytes end before what it points to.`,
  ])
})

test('a text, a missing file, and files that are nobody’s binary', (t) => {
  const folder = layOut(t, {
    'win32-x64/reuse.node': '<html>404</html>',
    'win32-x64/reuse.lib': '',
    'linux-riscv64/reuse.node': '',
  })
  assert.deepEqual(checkFolder(folder, selectTargets('win32')), [
    'win32-x64/reuse.node: expected a binary, found a file of 16 bytes that begins with "<html>404</html>".',
    'win32-arm64/reuse.node: expected a binary, found no file.',
    'linux-riscv64/reuse.node: expected nothing of this name, found a file.',
    'win32-x64/reuse.lib: expected nothing of this name, found a file.',
  ])
})

test('a folder that is not there lacks every binary', () => {
  const problems = checkFolder('/nowhere/prebuilds', selectTargets())
  assert.equal(problems.length, 8)
  for (const problem of problems) assert.match(problem, /expected a binary, found no file\.$/)
})
