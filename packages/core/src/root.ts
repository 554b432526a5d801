import { fileURLToPath } from 'node:url'

/**
 * The folder of this package. When compiled, this file is in `dist/src`; when published, it is part of
 * a file in `dist/bundle`.
 */
export const root = fileURLToPath(new URL('../..', import.meta.url))
