interface CommonFacts {
  /** As Node names it, or the format's own number where Node has no name for it here. */
  machine: string
  /** A library can be loaded by a program that runs. */
  type: 'library' | 'program' | 'other'
  /** The libraries that the system loads with it. */
  libraries: string[]
  /** The names that it offers, without the underscore that Mach-O puts before each. */
  exports: string[]
}

export interface ElfFacts extends CommonFacts {
  format: 'ELF'
  /** The program that loads it and its libraries; `null` where it needs none. */
  interpreter: string | null
  /** The names that it takes from elsewhere. */
  imports: string[]
  /** The versions that it needs of those libraries, as `GLIBC_2.17`. */
  versions: string[]
}

export interface PeFacts extends CommonFacts {
  format: 'PE'
  /** The libraries that are loaded when a function of theirs is first called. */
  delayedLibraries: string[]
}

export interface MachOFacts extends CommonFacts {
  format: 'Mach-O'
  imports: string[]
  /** The oldest macOS that loads it, as `11.0`; `null` where it does not say. */
  minimumMacOS: string | null
  signature: 'none' | 'broken' | 'valid'
  stringTableOffset: number
}

/** What a binary says of itself. */
export type BinaryFacts = ElfFacts | PeFacts | MachOFacts
