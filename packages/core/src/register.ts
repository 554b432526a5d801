/**
 * `node --import @reuse/core/register app.js`: every server and every UDP socket of an unchanged
 * program shares its port.
 */
import { onDatagramSocket } from './node/datagram.js'
import { setReuse } from './set-reuse.js'
import { shareServers } from './share-servers.js'

shareServers()
onDatagramSocket((socket) => setReuse(socket))
