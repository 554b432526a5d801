import type { SuperviseOptions } from '../../supervisor/options.js'

/** What a config file gives for each app: descriptors are for a program that has them. */
export type AppOptions = Omit<SuperviseOptions, 'listeners' | 'keepsPorts'>
