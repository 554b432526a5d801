/**
 * What a system's C compiler has to know about the addon. It is defined only in binding.gyp, which
 * node-gyp reads too.
 */
export interface NativeSources {
  sources: string[]
  defines: string[]
}

/** The systems' names in gyp. */
const systems = { linux: 'linux', win32: 'win', darwin: 'mac' } as const

type Fields = Record<string, unknown>

/**
 * Reads the only target of a binding.gyp for a system. Accepts as much of gyp's language as that file
 * uses: plain JSON, and conditions on the system, `["OS=='linux'", then, else]`. Throws on anything else.
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
  // Such as `sources!`, which removes, and `defines+`, which prepends.
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
