/* The filters that choose the member of a group. */
#include "sockets.h"

#include <linux/filter.h>

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

int socket_attach_filter(socket_handle handle, const void* filter, size_t size) {
  size_t count = size / sizeof(struct sock_filter);
  if (count == 0 || count > BPF_MAXINSNS || size % sizeof(struct sock_filter) != 0) return EINVAL;
  struct sock_fprog description = {
      .len = (unsigned short)count,
      .filter = (struct sock_filter*)filter, /* The kernel copies it. */
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
