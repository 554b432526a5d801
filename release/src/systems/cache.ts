import path from 'node:path'
import { root } from '../root.js'

/** The folder for everything that is fetched, made and reported for other systems. */
export const cache = path.join(root, 'node_modules/.cache/systems')
