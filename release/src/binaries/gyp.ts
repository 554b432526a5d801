/**
 * What a system's C compiler has to know of the addon. It stands in binding.gyp alone, from which
 * node-gyp takes it too.
 */
export interface NativeSources {
  sources: string[]
  defines: string[]
}

/** As gyp names the systems. */
const systems = { linux: 'linux', win32: 'win', darwin: 'mac' } as const

type Fields = Record<string, unknown>

/**
 * Reads the one target of a binding.gyp for a system. Of gyp's language it takes what that file
 * uses: plain JSON, and conditions on the system, `["OS=='linux'", then, else]`. All else is refused.
 */
export function readGyp(text: string, platform: keyof typeof systems): NativeSources {
  const targets = fieldsOf(JSON.parse(text)).targets
  if (!Array.isArray(targets) || targets.length !== 1)
    throw new Error('binding.gyp: expected one target')
  const found: NativeSources = { sources: [], defines: [] }
  collect(fieldsOf(targets[0]), systems[platform], found)
  return found
}

function collect(fields: Fields, system: string, found: NativeSources): void {
  // As `sources!`, which takes away, and `defines+`, which puts before.
  const changed = Object.keys(fields).find((key) => /^(sources|defines|conditions)\W/.test(key))
  if (changed !== undefined) throw new Error(`binding.gyp: cannot evaluate "${changed}"`)
  found.sources.push(...textsOf(fields.sources))
  found.defines.push(...textsOf(fields.defines))
  for (const condition of listOf(fields.conditions)) {
    const [test, then, otherwise = {}, ...rest] = listOf(condition)
    const [, wanted] = /^OS=='(\w+)'$/.exec(String(test)) ?? []
    if (wanted === undefined || rest.length > 0) {
      throw new Error(`binding.gyp: cannot evaluate the condition ${JSON.stringify(test)}`)
    }
    collect(fieldsOf(wanted === system ? then : otherwise), system, found)
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Error(`binding.gyp: expected an object, found ${JSON.stringify(value)}`)
}

function listOf(value: unknown = []): unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`binding.gyp: expected a list, found ${JSON.stringify(value)}`)
}

function textsOf(value: unknown): string[] {
  return listOf(value).map((item) => {
    if (typeof item === 'string' && !item.includes('<')) return item
    throw new Error(`binding.gyp: expected a plain text, found ${JSON.stringify(item)}`)
  })
}
