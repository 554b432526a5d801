/* What only Linux can tell. The others say so instead of guessing. */
#include "sockets.h"

int socket_get_queue(socket_handle handle, socket_queue* result) {
  (void)handle;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int sockets_list(int type, uint16_t port, socket_entry** entries, size_t* count) {
  (void)type;
  (void)port;
  (void)entries;
  (void)count;
  return SOCKET_ERROR_UNSUPPORTED;
}
