/* Windows 10 and Windows Server 2016, or later. */
#include "sockets.h"

const socket_option socket_options[] = {
    {"SO_TYPE", SOL_SOCKET, SO_TYPE},
    {"SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN},

    /* Not Unix' SO_REUSEADDR: here it lets several sockets bind one port, and
     * which of them gets a connection is officially indeterminate. Set before
     * bind, by every member; two such binds succeed whoever the users are.
     * (Microsoft, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE".) */
    {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR},

    /* Refuses every other bind, SO_REUSEADDR or not. Without it a default
     * bind can be shadowed later by the same user. Set before bind; never
     * together with SO_REUSEADDR. */
    {"SO_EXCLUSIVEADDRUSE", SOL_SOCKET, SO_EXCLUSIVEADDRUSE},

    {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY},
    {NULL, 0, 0},
};

int socket_set_option(socket_handle handle, const socket_option* option, int value) {
  if (setsockopt(handle, option->level, option->number, (const char*)&value, sizeof value) != 0) {
    return WSAGetLastError();
  }
  return 0;
}

int socket_get_option(socket_handle handle, const socket_option* option, int* value) {
  int got = 0;
  int size = sizeof got;
  if (getsockopt(handle, option->level, option->number, (char*)&got, &size) != 0) {
    return WSAGetLastError();
  }
  *value = got;
  return 0;
}

int socket_open(int family, int type, socket_handle* result) {
  SOCKET handle = WSASocketW(family, type, 0, NULL, 0,
                             WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (handle == INVALID_SOCKET) return WSAGetLastError();

  u_long non_blocking = 1;
  if (ioctlsocket(handle, FIONBIO, &non_blocking) != 0) {
    int failure = WSAGetLastError();
    closesocket(handle);
    return failure;
  }
  *result = handle;
  return 0;
}

int socket_close(socket_handle handle) {
  return closesocket(handle) == 0 ? 0 : WSAGetLastError();
}

int socket_bind(socket_handle handle, const struct sockaddr* address, socklen_t length) {
  return bind(handle, address, length) == 0 ? 0 : WSAGetLastError();
}

int socket_listen(socket_handle handle, int backlog) {
  return listen(handle, backlog) == 0 ? 0 : WSAGetLastError();
}

int socket_duplicate(socket_handle handle, socket_handle* result) {
  WSAPROTOCOL_INFOW description;
  if (WSADuplicateSocketW(handle, GetCurrentProcessId(), &description) != 0) {
    return WSAGetLastError();
  }
  SOCKET copy = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                           &description, 0,
                           WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (copy == INVALID_SOCKET) return WSAGetLastError();
  *result = copy;
  return 0;
}

int socket_close_on_exec(socket_handle handle) {
  if (SetHandleInformation((HANDLE)handle, HANDLE_FLAG_INHERIT, 0)) return 0;
  return (int)GetLastError();
}

int socket_connect(socket_handle handle, const struct sockaddr* address, socklen_t length) {
  if (connect(handle, address, length) == 0 || WSAGetLastError() == WSAEWOULDBLOCK) return 0;
  return WSAGetLastError();
}

int socket_is_connected(socket_handle handle, bool* result) {
  struct sockaddr_storage peer;
  int size = sizeof peer;
  bool connected = getpeername(handle, (struct sockaddr*)&peer, &size) == 0;
  if (!connected && WSAGetLastError() != WSAENOTCONN) return WSAGetLastError();
  *result = connected;
  return 0;
}

/* Unix reports an unbound socket as bound to port 0 of the wildcard; Windows
 * fails with WSAEINVAL, and only the socket's own description has its family. */
static int name_of_unbound(socket_handle handle, struct sockaddr_storage* address,
                           socklen_t* length) {
  WSAPROTOCOL_INFOW description;
  int size = sizeof description;
  if (getsockopt(handle, SOL_SOCKET, SO_PROTOCOL_INFOW, (char*)&description, &size) != 0) {
    return WSAGetLastError();
  }
  memset(address, 0, sizeof *address);
  address->ss_family = (ADDRESS_FAMILY)description.iAddressFamily;
  *length = description.iAddressFamily == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                   : sizeof(struct sockaddr_in);
  return 0;
}

int socket_get_name(socket_handle handle, struct sockaddr_storage* address, socklen_t* length) {
  int size = sizeof *address;
  if (getsockname(handle, (struct sockaddr*)address, &size) != 0) {
    int failure = WSAGetLastError();
    return failure == WSAEINVAL ? name_of_unbound(handle, address, length) : failure;
  }
  *length = size;
  return 0;
}
