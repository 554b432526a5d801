import type { SuperviseOptions } from '../../supervisor/options.js'

/** What a config file gives for each app. Descriptors are only for programs, which can have them. */
export type AppOptions = Omit<SuperviseOptions, 'listeners' | 'keepsPorts'>
