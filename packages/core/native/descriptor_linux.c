/* A descriptor of another process. */
#include "sockets.h"

#include <sys/syscall.h>
#include <unistd.h>

/* Headers older than these calls lack their numbers, which are the same on every processor. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

int descriptor_take(int64_t pid, int descriptor, socket_handle* result) {
  long process = syscall(SYS_pidfd_open, (pid_t)pid, 0);
  if (process == -1) return errno;
  /* The new descriptor is close-on-exec. */
  long taken = syscall(SYS_pidfd_getfd, (int)process, descriptor, 0);
  int failure = taken == -1 ? errno : 0;
  close((int)process);
  if (failure == 0) *result = (int)taken;
  return failure;
}
