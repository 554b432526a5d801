/**
 * Which socket of a group has which index. The kernel does not tell; but it puts a new socket at the
 * end, and when a socket goes, the last one takes its index (reuseport_add_sock, reuseport_detach_sock).
 * So a member that knows the order before one such change knows it afterwards.
 */

/** The inode of the socket at each index; 0 where it is not known. */
export type Order = readonly number[]

/**
 * The order after a group has changed to these sockets.
 *
 * @returns the order, with zeros for what can no longer be known
 */
export function nextOrder(order: Order, inodes: ReadonlySet<number>): Order {
  const unknown = [...inodes].filter((inode) => !order.includes(inode))
  const gone = order.filter((inode) => inode !== 0 && !inodes.has(inode))
  const holes = order.filter((inode) => inode === 0).length
  if (gone.length === 0) {
    const added = inodes.size - order.length
    // Sockets that were there before, and whose index is not known, are not at the end.
    if (added < 0) return forget(inodes)
    const [only] = unknown
    const newcomers = added === 1 && holes === 0 && only !== undefined ? [only] : zeros(added)
    return fillLast([...order, ...newcomers], inodes)
  }
  const [one] = gone
  const isOneGone =
    gone.length === 1 && inodes.size === order.length - 1 && unknown.length === holes
  if (!isOneGone || one === undefined) return forget(inodes)
  return fillLast(without(order, order.indexOf(one)), inodes)
}

/** The order after the socket at an index has gone. */
export function without(order: Order, index: number): Order {
  const rest = [...order]
  const last = rest.pop() ?? 0
  if (index < rest.length) rest[index] = last
  return rest
}

/** The order with one more known index. */
export function withIndex(order: Order, index: number, inode: number): Order {
  const rest = order.map((one) => (one === inode ? 0 : one))
  while (rest.length <= index) rest.push(0)
  rest[index] = inode
  return rest
}

export function isKnown(order: Order): boolean {
  return !order.includes(0)
}

/** If one socket and one index are left over, the socket has that index. */
function fillLast(order: Order, inodes: ReadonlySet<number>): Order {
  const unknown = [...inodes].filter((inode) => !order.includes(inode))
  const [only = 0] = unknown
  const holes = order.filter((inode) => inode === 0).length
  return unknown.length === 1 && holes === 1 ? order.map((inode) => inode || only) : order
}

function forget(inodes: ReadonlySet<number>): Order {
  return inodes.size === 1 ? [...inodes] : zeros(inodes.size)
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}
