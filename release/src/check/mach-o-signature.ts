import { createHash } from 'node:crypto'
import type { ByteReader } from './byte-reader.js'

// Names and numbers as in xnu's osfmk/kern/cs_blobs.h. Unlike the rest of the file, big-endian.
const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0
const CSMAGIC_CODEDIRECTORY = 0xfade0c02
const CS_HASHTYPE_SHA256 = 2

/**
 * Whether the signature at this offset fits the file: it has a hash of every page before it. macOS on
 * arm64 kills a program that touches a page whose hash is wrong. The signer is not checked: an ad-hoc
 * signature names none.
 */
export function checkSignature(file: ByteReader, offset: number): boolean {
  const u32 = (at: number) => file.slice(at, 4).readUInt32BE()
  if (u32(offset) !== CSMAGIC_EMBEDDED_SIGNATURE) return false

  const blobs = Array.from(
    { length: u32(offset + 8) },
    (_, index) => offset + u32(offset + 16 + index * 8),
  )
  const directory = blobs.find((blob) => u32(blob) === CSMAGIC_CODEDIRECTORY)
  if (directory === undefined) return false

  const hashes = directory + u32(directory + 16)
  const count = u32(directory + 28)
  const codeLimit = u32(directory + 32)
  const hashSize = file.u8(directory + 36)
  const pageSize = 2 ** file.u8(directory + 39)
  if (file.u8(directory + 37) !== CS_HASHTYPE_SHA256) return false
  if (codeLimit !== offset || count !== Math.ceil(codeLimit / pageSize)) return false

  return Array.from({ length: count }, (_, index) => {
    const start = index * pageSize
    const page = file.slice(start, Math.min(pageSize, codeLimit - start))
    const hash = createHash('sha256').update(page).digest().subarray(0, hashSize)
    return hash.equals(file.slice(hashes + index * hashSize, hashSize))
  }).every(Boolean)
}
