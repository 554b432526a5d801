/**
 * A 32-bit hash, as instructions and as a function. It takes in one word after the other and keeps
 * its state in X, until `finishHash` leaves the hash in A. Both forms are one-to-one in the last word:
 * two IPv4 addresses never have the same hash.
 */
import {
  copyToX,
  type Filter,
  loadImmediateIntoX,
  multiply,
  shiftRight,
  xorX,
} from './instruction.js'

interface Step {
  multiplier: number
  shift: number
}

const seed = 0x2545f491
const absorbing: Step = { multiplier: 0x9e3779b1, shift: 15 } // A prime of xxHash.
const finishing: readonly Step[] = [
  { multiplier: 0x85ebca6b, shift: 13 }, // The last steps of MurmurHash3.
  { multiplier: 0xc2b2ae35, shift: 16 },
]

/** Begins a hash that has already taken in these words. */
export function beginHash(...words: number[]): Filter {
  return [loadImmediateIntoX(absorbed(words))]
}

/** Takes in the word in A. */
export function absorb(): Filter {
  return [xorX(), ...stir(absorbing), copyToX()]
}

/** A = the hash. */
export function finishHash(): Filter {
  return finishing.flatMap(stir)
}

/** The hash of words that are known when the filter is made. */
export function hashOf(...words: number[]): number {
  return finishing.reduce(stirred, absorbed(words)) >>> 0
}

/** A multiplication carries low bits upwards only; the shift brings high bits down again. */
function stir({ multiplier, shift }: Step): Filter {
  return [multiply(multiplier), copyToX(), shiftRight(shift), xorX()]
}

function stirred(value: number, { multiplier, shift }: Step): number {
  const product = Math.imul(value, multiplier)
  return product ^ (product >>> shift)
}

function absorbed(words: readonly number[]): number {
  return words.reduce((state, word) => stirred(state ^ word, absorbing), seed)
}
