/**
 * Which file a module is in, if not in that of an entry: `shared` has what several entries need, and
 * `on-demand` what a program loads only when it needs it.
 *
 * @param {string} id of a module
 * @param {import('rollup').GetModuleInfo} getModuleInfo
 * @returns {string | null} `null` if it is in the file of its only entry, or in its own file
 */
export function chunkOf(id, getModuleInfo) {
  const { entries, dynamic } = whoImports(id, getModuleInfo)
  const [only] = entries
  if (entries.size > 1) return 'shared'
  if (only === undefined) return dynamic.some(isLoadedAtFirst) ? 'on-demand' : null
  // A program exports nothing, so other files may import from its file. An entry exports only its own.
  const isProgram = getModuleInfo(only)?.exports?.length === 0
  return dynamic.length > 0 && !isProgram && only !== id ? 'shared' : null

  /** @param {string} importer */
  function isLoadedAtFirst(importer) {
    return whoImports(importer, getModuleInfo).entries.size > 0
  }
}

/**
 * @param {string} id of a module
 * @param {import('rollup').GetModuleInfo} getModuleInfo
 * @returns the entries that load it when they are loaded, including the module itself if it is one; and
 * the modules that load it, or something that imports it, later
 */
function whoImports(id, getModuleInfo) {
  const seen = new Set([id])
  /** @type {string[]} */
  const dynamic = []
  for (const one of seen) {
    const info = getModuleInfo(one)
    for (const importer of info?.importers ?? []) seen.add(importer)
    dynamic.push(...(info?.dynamicImporters ?? []))
  }
  return { entries: new Set([...seen].filter((one) => getModuleInfo(one)?.isEntry)), dynamic }
}
