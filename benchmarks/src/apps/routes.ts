/** What a server answers, by the path that was asked for. */
export type Routes = Readonly<Record<string, () => string>>

/** By this path a server tells its process id. */
export const whoPath = '/who'

export const body = 'hello'
