import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UnreadableBinary } from '../../src/check/byte-reader.js'
import { highestGlibc } from '../../src/check/glibc.js'
import { readBinary } from '../../src/check/read-binary.js'
import { bufferutil, compileAgainstGlibc, skipWithoutElf } from './binaries.js'

test('an ELF file for Linux is read', () => {
  const facts = readBinary(bufferutil('linux-x64'))
  assert.ok(facts.format === 'ELF')
  const { imports, ...rest } = facts
  assert.ok(imports.includes('napi_create_function'))
  assert.deepEqual(rest, {
    format: 'ELF',
    interpreter: null,
    machine: 'x64',
    type: 'library',
    libraries: ['libc.so.6'],
    exports: ['Unmask', 'Mask', 'Init'],
    versions: ['GLIBC_2.2.5', 'GLIBC_2.4'],
  })
  assert.equal(highestGlibc(facts), '2.4')
})

test('a PE file for Windows is read', () => {
  assert.deepEqual(readBinary(bufferutil('win32-x64')), {
    format: 'PE',
    machine: 'x64',
    type: 'library',
    libraries: ['KERNEL32.dll'],
    delayedLibraries: ['node.exe'],
    exports: ['_register_bufferutil_'],
  })
})

for (const arch of ['x64', 'arm64']) {
  test(`a Mach-O file for macOS on ${arch} is read`, () => {
    const facts = readBinary(bufferutil(`darwin-${arch}`))
    assert.ok(facts.format === 'Mach-O')
    const { imports, stringTableOffset, ...rest } = facts
    assert.ok(imports.includes('napi_create_function'))
    assert.equal(stringTableOffset % 8, 0)
    assert.deepEqual(rest, {
      format: 'Mach-O',
      machine: arch,
      type: 'library',
      libraries: ['/usr/lib/libc++.1.dylib', '/usr/lib/libSystem.B.dylib'],
      exports: ['Init', 'Mask', 'Unmask'],
      minimumMacOS: arch === 'arm64' ? '11.0' : '10.7',
      signature: arch === 'arm64' ? 'valid' : 'none',
    })
  })
}

test('the highest glibc version that a file needs is found', { skip: skipWithoutElf }, (t) => {
  const facts = readBinary(compileAgainstGlibc(t, '2.101'))
  assert.ok(facts.format === 'ELF')
  assert.deepEqual(facts.versions, ['GLIBC_2.101'])
  assert.equal(highestGlibc({ ...facts, versions: ['GLIBC_2.17', 'GLIBC_2.2.5'] }), '2.17')
  assert.equal(highestGlibc({ ...facts, versions: [] }), undefined)
})

test('a 32-bit file is refused', () => {
  assert.throws(() => readBinary(bufferutil('win32-ia32')), {
    message: 'a PE file of 32 bits',
  })
})

test('a text file and an empty file are refused as unreadable', () => {
  assert.throws(() => readBinary(Buffer.from('not a binary at all')), {
    message: 'a file of 19 bytes that begins with "not a binary at "',
  })
  assert.throws(() => readBinary(Buffer.alloc(0)), UnreadableBinary)
})

for (const folder of ['linux-x64', 'win32-x64', 'darwin-x64', 'darwin-arm64']) {
  test(`${folder}: a binary is refused wherever it is truncated`, () => {
    const whole = bufferutil(folder)
    // The last bytes of a section may be padding, which nothing points to.
    const filling = 512
    for (let size = 0; size < whole.length - filling; size += 97) {
      assert.throws(() => readBinary(whole.subarray(0, size)), UnreadableBinary, `${size} bytes`)
    }
  })

  test(`${folder}: the reader survives any wrong byte in the first 4 KiB`, () => {
    const whole = bufferutil(folder)
    for (let offset = 0; offset < 4096; offset++) {
      const damaged = Buffer.from(whole)
      damaged[offset] = ~(damaged[offset] ?? 0) & 0xff
      try {
        readBinary(damaged)
      } catch (error) {
        assert.ok(error instanceof UnreadableBinary, `byte ${offset}: ${error}`)
      }
    }
  })
}
