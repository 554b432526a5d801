interface CommonFacts {
  /** Node's name for it, or the format's own number if none is known here. */
  machine: string
  /** A library can be loaded by a running program. */
  type: 'library' | 'program' | 'other'
  /** The libraries that the system loads with it. */
  libraries: string[]
  /** The names that it exports, without the underscore that Mach-O puts before each. */
  exports: string[]
}

export interface ElfFacts extends CommonFacts {
  format: 'ELF'
  /** The program that loads it and its libraries; `null` if it needs none. */
  interpreter: string | null
  /** The names that it takes from elsewhere. */
  imports: string[]
  /** The versions of those libraries that it needs, such as `GLIBC_2.17`. */
  versions: string[]
}

export interface PeFacts extends CommonFacts {
  format: 'PE'
  /** The libraries that are loaded when one of their functions is first called. */
  delayedLibraries: string[]
}

export interface MachOFacts extends CommonFacts {
  format: 'Mach-O'
  imports: string[]
  /** The oldest macOS that loads it, such as `11.0`; `null` if it does not say. */
  minimumMacOS: string | null
  signature: 'none' | 'broken' | 'valid'
  stringTableOffset: number
}

/** What a binary says about itself. */
export type BinaryFacts = ElfFacts | PeFacts | MachOFacts
