// What the release workflow has to do, written as the outputs of a step.
import { root } from '../root.js'
import { selectMode } from './mode.js'
import { isPublished } from './registry.js'

const { mode, version } = selectMode(root, isPublished)
console.log(`mode=${mode}\nversion=${version}`)
