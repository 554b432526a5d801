import { option } from './option.js'

export interface Settings {
  rounds: number
  seconds: number
}

/** One file a scenario. */
export const scenarios: Record<string, (settings: Settings) => Promise<void>> = { option }
