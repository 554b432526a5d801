import { inodeOf } from '../group/group.js'
import { descriptorOf } from '../inspect/processes.js'
import { errorName, isSystemFailure, systemError } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import { isShared, setSharing } from '../socket/sharing.js'

/** A socket of a running program. */
export interface RunningSocket {
  /** The process whose descriptors are searched. */
  pid: number
  /** Identifies the socket in the kernel's lists. */
  inode: number
  /** Whether it is TCP or UDP. */
  protocol: Protocol
}

/**
 * Lets a socket that another program has bound share its port from now on. This takes a duplicate of
 * its descriptor and sets the option there: both belong to the same socket. Linux 5.6.
 *
 * @param running which socket, of which process
 * @returns `'already'` if it shared its port before; `'gone'` if the program has no such socket
 * @throws a system error with a hint: `EPERM` if this process may not do this, `ENOSYS` on an older
 * kernel
 */
export function shareRunning({
  pid,
  inode,
  protocol,
}: RunningSocket): 'shared' | 'already' | 'gone' {
  const descriptor = descriptorOf(pid, inode)
  if (descriptor === null) return 'gone'
  try {
    const socket = native.takeDescriptor(pid, descriptor)
    try {
      // Since it was looked up, the descriptor may have become something else.
      if (inodeOf(socket) !== inode) return 'gone'
      if (isShared(socket)) return 'already'
      setSharing(socket, protocol)
      return 'shared'
    } finally {
      native.close(socket)
    }
  } catch (failure) {
    if (!isSystemFailure(failure)) throw failure
    const code = errorName(failure.errno)
    if (code === 'ESRCH' || code === 'EBADF') return 'gone'
    const hint = hints[code]
    throw systemError(failure, hint === undefined ? {} : { hint })
  }
}

/** Why the system refuses, and what to do. */
const hints: Record<string, string> = {
  EPERM:
    'The system does not let this process take a descriptor from that one; the rules are those of ptrace(2). Yama forbids it if /proc/sys/kernel/yama/ptrace_scope is not 0, and a container does if it lacks CAP_SYS_PTRACE: run this as root, with that capability.',
  ENOSYS: 'This needs Linux 5.6 (pidfd_getfd), and a sandbox that allows this call.',
}
