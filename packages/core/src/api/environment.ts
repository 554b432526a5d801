import { checkReuseOptions, type ReuseOptions } from '../targets/options.js'

/** The variables that set options of `setReuse` for an unchanged program. */
const variables = {
  REUSE_LEAVE_TIMEOUT: 'leaveTimeout',
  REUSE_ONLY: 'only',
  REUSE_RESCUE: 'rescue',
  REUSE_STEERING: 'steering',
  REUSE_WEIGHT: 'weight',
} as const satisfies Record<string, keyof ReuseOptions>

/**
 * The options that the environment sets; an empty variable sets none.
 *
 * @throws TypeError, RangeError for an invalid value, with the name of its variable
 */
export function optionsFromEnvironment(env: NodeJS.ProcessEnv): ReuseOptions {
  const options: ReuseOptions = {}
  for (const [variable, option] of Object.entries(variables)) {
    const text = env[variable]
    if (text === undefined || text === '') continue
    Object.assign(options, checkReuseOptions({ [option]: parse(text) }, variable))
  }
  return options
}

function parse(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
