import type { Rule } from '../rule.js'
import { commands } from './commands.js'
import { concurrency } from './concurrency.js'
import { injection } from './injection.js'
import { inputs } from './inputs.js'
import { permissions } from './permissions.js'
import { pins } from './pins.js'
import { runners } from './runners.js'
import { secrets } from './secrets.js'
import { timeouts } from './timeouts.js'
import { triggers } from './triggers.js'

export const rules: readonly Rule[] = [
  triggers,
  permissions,
  concurrency,
  runners,
  timeouts,
  pins,
  inputs,
  injection,
  secrets,
  commands,
]
