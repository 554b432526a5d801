/** Looks for input that a program handles wrongly: first a stored corpus, then generated input. */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import fc from 'fast-check'

export { fc }

/**
 * The seed of what looks random in a test. It is the same each time, so that each change is tested with
 * the same input as the one before; `TEST_SEED=random` looks for what nobody has seen yet.
 */
export function seedOfRun(): number {
  const { TEST_SEED = '1' } = process.env
  return TEST_SEED === 'random' ? randomInt(2 ** 31 - 1_000_000) : Number(TEST_SEED)
}

export interface Fuzzing<T> {
  /** What is tried first: what once failed, and what is close to a limit. */
  corpus: readonly T[]
  /** How many inputs are tried after that, unless `FUZZ_SECONDS` says for how long. */
  runs: number
  /** Throws if an input is not handled as it should be. */
  check(input: T): void | Promise<void>
}

/**
 * Tries the corpus, and then generated inputs. An input that fails is made as small as possible while it
 * still fails; the error contains it, and the seed. `FUZZ_SECONDS` is the time for each fuzz test.
 */
export async function fuzz<T>(
  t: TestContext,
  inputs: fc.Arbitrary<T>,
  { corpus, runs, check }: Fuzzing<T>,
): Promise<void> {
  const seed = seedOfRun()
  const { FUZZ_SECONDS } = process.env
  const bounds =
    FUZZ_SECONDS === undefined
      ? { numRuns: corpus.length + runs }
      : { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: Number(FUZZ_SECONDS) * 1000 }
  let tried = 0
  try {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        tried++
        await check(input)
      }),
      { seed, ...bounds, examples: corpus.map((input): [T] => [input]) },
    )
  } finally {
    t.diagnostic(`TEST_SEED=${seed}: ${tried} inputs`)
  }
}

/** Reads a corpus: a JSON array in the folder `test/corpus` of the package to which the test belongs. */
export function readCorpus<T>(
  test: string,
  name: string,
  isInput: (input: unknown) => input is T,
): T[] {
  const inputs: unknown = JSON.parse(
    readFileSync(new URL(`../../test/corpus/${name}.json`, test), 'utf8'),
  )
  if (!Array.isArray(inputs) || inputs.length === 0) throw new TypeError(`${name} is not a corpus`)
  const wrong = inputs.find((input) => !isInput(input))
  if (wrong !== undefined)
    throw new TypeError(`in ${name}, this is not an input: ${JSON.stringify(wrong)}`)
  return inputs
}

export const isText = (input: unknown): input is string => typeof input === 'string'

/** Texts as somebody would send them to probe what is accepted: changed at a few places. */
export function spoiled(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const insert = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1 }),
    fc.constantFrom('', ' ', '-', '.', '0', '9007199254740993', 'e9', 'NaN', '\0', '\n', '"', '{'),
  )
  const change = fc.record({ at: fc.nat(), cut: fc.nat(2), insert })
  return fc.tuple(texts, fc.array(change, { minLength: 1, maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((before, { at, cut, insert }) => {
      const place = at % (before.length + 1)
      return before.slice(0, place) + insert + before.slice(place + cut)
    }, text),
  )
}
