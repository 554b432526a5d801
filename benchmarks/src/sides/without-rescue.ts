import http from 'node:http'
import { type ReuseOptions, setReuse } from '@reuse/core'
import { withoutRescueName } from '../report/comparison.js'
import { reuse, startReuse } from './reuse.js'
import type { Side } from './side.js'

/** With these, an idle member takes nothing from the queue of a member that stalls. */
export const withoutRescueOptions: ReuseOptions & { rescue: boolean } = { rescue: false }

/** Cannot be chosen by name, and so in no list: it shows what the option costs and does. */
export const withoutRescue: Side = {
  name: 'without-rescue',
  title: withoutRescueName,
  description: '@reuse with the option rescue: false',
  unavailable: (node) => reuse.unavailable(node) ?? unknownOption(),
  start: (start) => startReuse(start, withoutRescueOptions),
}

function unknownOption(): string | null {
  try {
    setReuse(http.createServer(), withoutRescueOptions)
    return null
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return 'this @reuse/core has no option rescue'
  }
}
