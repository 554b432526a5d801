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

int handshakes_list(int family, uint16_t port, socket_entry** entries, size_t* count) {
  (void)family;
  (void)port;
  (void)entries;
  (void)count;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_attach_filter(socket_handle handle, const void* program, size_t size) {
  (void)handle;
  (void)program;
  (void)size;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_detach_filter(socket_handle handle) {
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_open_name(const char* name, size_t length, socket_handle* result) {
  (void)name;
  (void)length;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}
