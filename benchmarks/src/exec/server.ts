/**
 * A program that knows nothing of @reuse, and says nothing: node server.js '{ "host": …, "port": … }'.
 * It needs no channel to whoever started it: `reuse exec` passes none on.
 */
import { backlog } from '../apps/app.js'
import { routesOf } from '../apps/handlers.js'
import { bareHttp } from '../apps/http.js'
import { argument } from '../program-side.js'

const { host, port } = argument<{ host: string; port: number }>()
await bareHttp.listen(routesOf('hello'), { host, port, backlog })
