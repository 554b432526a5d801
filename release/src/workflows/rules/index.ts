import type { Rule } from '../rule.js'
import { commands } from './commands.js'
import { permissions } from './permissions.js'
import { runners } from './runners.js'
import { timeouts } from './timeouts.js'

/** What neither GitHub's language service reports, nor actionlint and zizmor, which CI runs. */
export const rules: readonly Rule[] = [permissions, runners, timeouts, commands]
