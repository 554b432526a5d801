/* What only Linux can do. The other systems say so instead of guessing. */
#include "poller.h"

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

int handshakes_list(int family, uint16_t port, handshake_entry** entries, size_t* count) {
  (void)family;
  (void)port;
  (void)entries;
  (void)count;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_attach_filter(socket_handle handle, const void* filter, size_t size) {
  (void)handle;
  (void)filter;
  (void)size;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_detach_filter(socket_handle handle) {
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int endpoint_open(const char* name, size_t length, socket_handle* result) {
  (void)name;
  (void)length;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int endpoint_connect(const char* name, size_t length, socket_handle* result) {
  return endpoint_open(name, length, result);
}

int notifier_connect(const char* path, size_t length, socket_handle* result) {
  return endpoint_open(path, length, result);
}

int endpoint_peer(socket_handle handle, endpoint_owner* result) {
  (void)handle;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_close_aside(socket_handle handle) {
  return socket_close(handle);
}

uint32_t sockets_closing(void) {
  return 0;
}

int socket_unblock(socket_handle handle) {
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_accept(socket_handle handle, socket_handle* result) {
  (void)handle;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int message_send(socket_handle handle, const void* text, size_t length, socket_handle attached) {
  (void)handle;
  (void)text;
  (void)length;
  (void)attached;
  return SOCKET_ERROR_UNSUPPORTED;
}

int message_receive(socket_handle handle, void* text, size_t size, received_message* result) {
  (void)handle;
  (void)text;
  (void)size;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_wait_readable(socket_handle handle, int milliseconds, bool* result) {
  (void)handle;
  (void)milliseconds;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int socket_shut_down(socket_handle handle) {
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int datagram_tell_destination(socket_handle handle) {
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int datagram_receive(socket_handle handle, void* data, size_t size, received_datagram* result) {
  (void)handle;
  (void)data;
  (void)size;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int descriptor_take(int64_t pid, int descriptor, socket_handle* result) {
  (void)pid;
  (void)descriptor;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

int poller_open(poller_report report, void* data, poller** result) {
  (void)report;
  (void)data;
  (void)result;
  return SOCKET_ERROR_UNSUPPORTED;
}

/* There is no poller, because it cannot be opened. */

void poller_close(poller* poller) {
  (void)poller;
}

int poller_once(poller* poller, socket_handle handle) {
  (void)poller;
  (void)handle;
  return SOCKET_ERROR_UNSUPPORTED;
}

int poller_watch_queue(poller* poller, socket_handle handle, uint32_t patience,
                       socket_handle own) {
  (void)patience;
  (void)own;
  return poller_once(poller, handle);
}

void poller_forget(poller* poller, socket_handle handle) {
  (void)poller;
  (void)handle;
}
