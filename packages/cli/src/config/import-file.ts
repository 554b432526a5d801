import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { configError, fileName } from './app/config-error.js'

const typeScript = ['.ts', '.mts', '.cts']

/** What a module exports by name. */
type Exports = Readonly<Record<string, unknown>>

/**
 * What a config file gives: its default export or, if that is a function, what it returns; if that is a
 * promise, what it resolves to. Node caches a module that it has imported, so only the next process sees a
 * change.
 *
 * @param choose picks something else from the module
 * @throws Failure if the file cannot be read or run, with the error of the file's own code
 */
export async function importFile(
  file: string,
  choose: (module: Exports) => unknown = (module) => module.default,
): Promise<unknown> {
  const where = fileName(file)
  if (!existsSync(file)) throw configError(where, `there is no file ${file}`)
  if (typeScript.includes(path.extname(file)) && !runsTypeScript()) {
    throw configError(
      where,
      `Node ${process.versions.node} does not run TypeScript as it is started here; Node 22.18 and newer do`,
    )
  }
  try {
    const exported = await choose(await import(pathToFileURL(file).href))
    return typeof exported === 'function' ? await exported() : exported
  } catch (error) {
    throw configError(where, `cannot be loaded: ${describe(error)}`)
  }
}

/** @throws Failure if it is not JSON */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw configError(fileName(file), `is not JSON: ${messageOf(error)}`)
  }
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw configError(fileName(file), `cannot be read: ${messageOf(error)}`)
  }
}

/** Node says so, unless something else strips the types, such as a loader. */
function runsTypeScript(): boolean {
  return 'typescript' in process.features && Boolean(process.features.typescript)
}

/** The stack shows the line in the user's code. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
