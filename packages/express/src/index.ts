export {
  type Member,
  memberOf,
  type ReuseOptions,
  shareListen as default,
  shareListen as reuse,
} from '@reuse/core'
