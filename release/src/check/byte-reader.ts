/** A binary that cannot be understood; its message says what was found instead, as in "found …". */
export class UnreadableBinary extends Error {}

/** Reads little-endian numbers and texts, by their offset in a file. */
export class ByteReader {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  u8(offset: number): number {
    return this.slice(offset, 1).readUInt8()
  }

  u16(offset: number): number {
    return this.slice(offset, 2).readUInt16LE()
  }

  u32(offset: number): number {
    return this.slice(offset, 4).readUInt32LE()
  }

  /** For offsets and sizes of 64 bits; in a real file, they are small enough for a number. */
  u64(offset: number): number {
    return Number(this.slice(offset, 8).readBigUInt64LE())
  }

  /** The text from an offset to the zero that ends it. */
  text(offset: number): string {
    const end = this.bytes.indexOf(0, offset)
    return this.slice(offset, end - offset).toString('latin1')
  }

  slice(offset: number, size: number): Buffer {
    if (offset < 0 || size < 0 || offset + size > this.bytes.length) {
      throw new UnreadableBinary(
        `a file that is cut short or damaged: its ${this.bytes.length} bytes end before what it points to`,
      )
    }
    return this.bytes.subarray(offset, offset + size)
  }
}
