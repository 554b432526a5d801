/* Steering programs, and the names by which the members of a group find each other. */
#include "sockets.h"

#include <linux/filter.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

int socket_attach_filter(socket_handle handle, const void* program, size_t size) {
  size_t count = size / sizeof(struct sock_filter);
  if (count == 0 || count > BPF_MAXINSNS || size % sizeof(struct sock_filter) != 0) return EINVAL;
  struct sock_fprog description = {
      .len = (unsigned short)count,
      .filter = (struct sock_filter*)program, /* The kernel copies it. */
  };
  if (setsockopt(handle, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &description,
                 sizeof description) != 0) {
    return errno;
  }
  return 0;
}

int socket_detach_filter(socket_handle handle) {
  int ignored = 0;
  if (setsockopt(handle, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &ignored, sizeof ignored) == 0) {
    return 0;
  }
  return errno == ENOENT ? 0 : errno; /* There was none. */
}

int socket_open_name(const char* name, size_t length, socket_handle* result) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (length >= sizeof address.sun_path) return ENAMETOOLONG;
  memcpy(address.sun_path + 1, name, length); /* A leading zero makes it abstract; unix(7). */

  int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle == -1) return errno;
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
  if (bind(handle, (struct sockaddr*)&address, size) != 0) {
    int failure = errno;
    close(handle);
    return failure;
  }
  *result = handle;
  return 0;
}
