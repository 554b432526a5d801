import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BinaryFacts, ElfFacts, MachOFacts, PeFacts } from '../../src/check/facts.js'
import { findProblems } from '../../src/check/rules.js'
import { type BinaryTarget, targetName } from '../../src/targets.js'

const common = { type: 'library' as const, exports: ['napi_register_module_v1'] }
const elf: ElfFacts = {
  ...common,
  format: 'ELF',
  interpreter: null,
  machine: 'x64',
  libraries: ['libc.so.6'],
  imports: ['napi_create_double', 'socket'],
  versions: ['GLIBC_2.2.5', 'GLIBC_2.17'],
}
const muslElf: ElfFacts = { ...elf, libraries: ['libc.so'], versions: [] }
const staticElf: ElfFacts = {
  ...muslElf,
  type: 'program',
  libraries: [],
  exports: [],
  imports: [],
}
const preloadElf: ElfFacts = {
  ...muslElf,
  libraries: [],
  exports: ['bind', 'connect', 'listen'],
  imports: ['socket'],
}
const pe: PeFacts = {
  ...common,
  format: 'PE',
  machine: 'arm64',
  libraries: ['KERNEL32.dll', 'WS2_32.dll', 'api-ms-win-crt-heap-l1-1-0.dll'],
  delayedLibraries: [],
}
const machO: MachOFacts = {
  ...common,
  format: 'Mach-O',
  machine: 'arm64',
  libraries: ['/usr/lib/libSystem.B.dylib'],
  imports: ['napi_create_double', 'socket'],
  minimumMacOS: '11.0',
  signature: 'valid',
  stringTableOffset: 4096,
}
const glibc: BinaryTarget = { kind: 'addon', platform: 'linux', arch: 'x64', libc: 'glibc' }
const musl: BinaryTarget = { kind: 'addon', platform: 'linux', arch: 'x64', libc: 'musl' }
const windows: BinaryTarget = { kind: 'addon', platform: 'win32', arch: 'arm64' }
const mac: BinaryTarget = { kind: 'addon', platform: 'darwin', arch: 'arm64' }
const starter: BinaryTarget = { kind: 'launcher', platform: 'linux', arch: 'x64' }
const preload: BinaryTarget = { kind: 'preload', platform: 'linux', arch: 'x64' }
const oldMac: BinaryTarget = { kind: 'addon', platform: 'darwin', arch: 'x64' }

function reversed(facts: ElfFacts): ElfFacts {
  return { ...facts, exports: [...facts.exports].reverse() }
}

const right: [string, BinaryFacts, BinaryTarget][] = [
  ['glibc', elf, glibc],
  ['musl', muslElf, musl],
  ["musl by Alpine's name", { ...muslElf, libraries: ['libc.musl-x86_64.so.1'] }, musl],
  ['the launcher', staticElf, starter],
  ['the preload library', preloadElf, preload],
  ['the preload library, its exports in another order', reversed(preloadElf), preload],
  ['Windows', pe, windows],
  ["Windows, by node-gyp's delayed import", { ...pe, delayedLibraries: ['node.exe'] }, windows],
  ['macOS', machO, mac],
  ['an older macOS', { ...machO, minimumMacOS: '10.15' }, mac],
  ['macOS on Intel, unsigned', { ...machO, machine: 'x64', signature: 'none' }, oldMac],
]
for (const [name, facts, target] of right) {
  test(`a binary is accepted: ${name}`, () => assert.deepEqual(findProblems(facts, target), []))
}

const wrong: [BinaryFacts, BinaryTarget, string, string][] = [
  [elf, windows, 'a file in PE format', 'ELF'],
  [machO, glibc, 'a file in ELF format', 'Mach-O'],
  [{ ...elf, machine: 'arm64' }, glibc, 'code for x64', 'code for arm64'],
  [{ ...pe, machine: 'machine 0x14c' }, windows, 'code for arm64', 'code for machine 0x14c'],
  [{ ...elf, type: 'program' }, glibc, 'a library that can be loaded', 'another kind of file'],
  [{ ...elf, exports: [] }, glibc, 'the export napi_register_module_v1', 'none'],
  [{ ...pe, exports: ['a', 'b'] }, windows, 'the export napi_register_module_v1', 'a, b'],
  [{ ...elf, libraries: ['libm.so.6'] }, glibc, "the system's own libraries only", 'libm.so.6'],
  [{ ...muslElf, libraries: ['libc.so.6'] }, musl, "the system's own libraries only", 'libc.so.6'],
  [{ ...pe, libraries: ['node.exe'] }, windows, "the system's own libraries only", 'node.exe'],
  [
    { ...pe, delayedLibraries: ['node.exe', 'libuv.dll'] },
    windows,
    'delayed imports from node.exe only',
    'libuv.dll',
  ],
  [
    { ...machO, libraries: ['/opt/lib/libuv.1.dylib'] },
    mac,
    "the system's own libraries only",
    '/opt/lib/libuv.1.dylib',
  ],
  [
    { ...elf, versions: ['GLIBC_2.2.5', 'GLIBC_2.28', 'GLIBC_2.100'] },
    glibc,
    'nothing newer than glibc 2.17',
    'GLIBC_2.28, GLIBC_2.100',
  ],
  [
    { ...elf, versions: ['GLIBC_PRIVATE'] },
    glibc,
    'nothing newer than glibc 2.17',
    'GLIBC_PRIVATE',
  ],
  [{ ...muslElf, versions: ['GLIBC_2.2.5'] }, musl, 'no glibc', 'GLIBC_2.2.5'],
  [
    { ...elf, imports: ['napi_create_double', 'uv_close', '_ZN2v87Isolate10GetCurrentEv'] },
    glibc,
    'no other functions of Node than Node-API',
    'uv_close, _ZN2v87Isolate10GetCurrentEv',
  ],
  [pe, starter, 'a file in ELF format', 'PE'],
  [{ ...staticElf, machine: 'arm64' }, starter, 'code for x64', 'code for arm64'],
  [{ ...staticElf, type: 'library' }, starter, 'a program', 'another kind of file'],
  [{ ...staticElf, type: 'other' }, starter, 'a program', 'another kind of file'],
  [{ ...staticElf, libraries: ['libc.so'] }, starter, 'no library', 'libc.so'],
  [
    { ...staticElf, interpreter: '/lib64/ld-linux-x86-64.so.2' },
    starter,
    'a program that starts by itself',
    'one that /lib64/ld-linux-x86-64.so.2 starts',
  ],
  [{ ...preloadElf, machine: 'arm64' }, preload, 'code for x64', 'code for arm64'],
  [
    { ...preloadElf, type: 'program' },
    preload,
    'a library that can be loaded',
    'another kind of file',
  ],
  [{ ...preloadElf, libraries: ['libc.so'] }, preload, 'no library', 'libc.so'],
  [{ ...preloadElf, versions: ['GLIBC_2.34'] }, preload, 'no glibc', 'GLIBC_2.34'],
  [{ ...preloadElf, exports: [] }, preload, 'the exports bind, connect, listen', 'none'],
  [
    { ...preloadElf, exports: ['bind', 'listen'] },
    preload,
    'the exports bind, connect, listen',
    'bind, listen',
  ],
  [
    { ...preloadElf, exports: [...preloadElf.exports, 'socket'] },
    preload,
    'the exports bind, connect, listen',
    'bind, connect, listen, socket',
  ],
  [{ ...machO, signature: 'none' }, mac, 'a valid signature', 'none'],
  [{ ...machO, signature: 'broken' }, mac, 'a valid signature', 'one that does not fit the file'],
  [
    { ...machO, machine: 'x64', signature: 'broken' },
    oldMac,
    'a valid signature',
    'one that does not fit the file',
  ],
  [
    { ...machO, minimumMacOS: '12.3' },
    mac,
    'a file that runs on macOS 11.0',
    'macOS 12.3 as the oldest',
  ],
  [{ ...machO, minimumMacOS: null }, mac, 'a file that runs on macOS 11.0', 'no version'],
  [
    { ...machO, stringTableOffset: 4100 },
    mac,
    'a string table at a multiple of 8 bytes',
    'one at 4100',
  ],
]
for (const [facts, target, expected, found] of wrong) {
  test(`a binary for ${targetName(target)} is refused: expected ${expected}, found ${found}`, () => {
    assert.deepEqual(findProblems(facts, target), [{ expected, found }])
  })
}
