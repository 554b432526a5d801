import { fileURLToPath } from 'node:url'

/**
 * The folder of this package. Compiled, this file is in `dist/src`; published, in a file of
 * `dist/bundle`.
 */
export const root = fileURLToPath(new URL('../..', import.meta.url))
