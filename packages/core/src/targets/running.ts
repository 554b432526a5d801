import { inodeOf } from '../group/group.js'
import { descriptorOf } from '../inspect/processes.js'
import { errorName, isSystemFailure, systemError } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import { isShared, setSharing } from '../socket/sharing.js'

/** A socket of a program that runs. */
export interface RunningSocket {
  /** Whose descriptors are looked through. */
  pid: number
  /** By which the kernel's lists know the socket. */
  inode: number
  /** Whether it is TCP or UDP. */
  protocol: Protocol
}

/**
 * Lets a socket that another program has bound share its port from now on. It takes a duplicate of it
 * and sets the option there: the socket is the same. Linux 5.6.
 *
 * @param running whose socket, and which
 * @returns `'already'` where it did so before; `'gone'` where the program has no such socket
 * @throws a system error with a hint: `EPERM` where this process may not do so, `ENOSYS` on an older
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
      // Between the two looks the descriptor may have become something else.
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
    'The system lets this process take no descriptor of that one, as for ptrace(2). Yama forbids it where /proc/sys/kernel/yama/ptrace_scope is not 0; a container, where it lacks CAP_SYS_PTRACE: run it as root, with that capability.',
  ENOSYS: 'It takes Linux 5.6 (pidfd_getfd), and a sandbox that lets this call through.',
}
