export { type Member, memberOf, type ReuseOptions } from '@reuse/core'
export { reuse, reuse as default } from './reuse.js'
