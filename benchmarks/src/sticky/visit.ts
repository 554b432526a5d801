/** Which clients each member served while every client came once; members differ by object identity. */
export type Visit = ReadonlyMap<object, readonly string[]>

/** The share of the clients that were not served by the member that served them before. */
export function movedShare(before: Visit, after: Visit): number {
  const hosts = hostsOf(before)
  const clients = [...hostsOf(after)]
  if (clients.length !== hosts.size) {
    throw new Error(`${hosts.size} clients came first, and then ${clients.length}`)
  }
  return clients.filter(([client, host]) => hosts.get(client) !== host).length / clients.length
}

/** The shares of the members that served the most and the fewest clients, in fair shares. */
export function sharesOf(visit: Visit): { busiest: number; idlest: number } {
  const counts = [...visit.values()].map(({ length }) => length)
  const fair = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return { busiest: Math.max(...counts) / fair, idlest: Math.min(...counts) / fair }
}

function hostsOf(visit: Visit): Map<string, object> {
  const hosts = new Map<string, object>()
  for (const [host, clients] of visit) {
    for (const client of clients) {
      if (hosts.has(client)) throw new Error(`client ${client} came twice`)
      hosts.set(client, host)
    }
  }
  return hosts
}
