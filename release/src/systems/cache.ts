import path from 'node:path'
import { root } from '../root.js'

/** Where what is fetched, made and reported for other systems is kept. */
export const cache = path.join(root, 'node_modules/.cache/systems')
