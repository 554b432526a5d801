/** What a server answers, by the path of the request. */
export type Routes = Readonly<Record<string, () => string>>

/** A request for this path is answered with the server's process id. */
export const whoPath = '/who'

export const body = 'hello'
