/**
 * A program that does not know about @reuse: node server.js '{ "host": …, "port": … }'. It reports
 * nothing, and so needs no channel to its parent: `reuse exec` passes none on.
 */
import { backlog } from '../apps/app.js'
import { routesOf } from '../apps/handlers.js'
import { bareHttp } from '../apps/http.js'
import { argument } from '../program-side.js'

const { host, port } = argument<{ host: string; port: number }>()
await bareHttp.listen(routesOf('hello'), { host, port, backlog })
