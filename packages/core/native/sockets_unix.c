/* Linux and macOS. Where the two differ in meaning, a comment says how. */

/* node-gyp asks for 64-bit file offsets, and with these fcntl becomes fcntl64,
 * which only glibc 2.28 and later have. Sockets have no offsets. */
#undef _FILE_OFFSET_BITS

#include "sockets.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/sock_diag.h>
#ifndef SO_MEMINFO
#define SO_MEMINFO 55 /* Linux 4.12; missing from older headers */
#endif
#endif

const socket_option socket_options[] = {
    {"SO_TYPE", SOL_SOCKET, SO_TYPE},
    {"SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN},

    /* Lets a listener bind while old connections of its port linger in
     * TIME_WAIT. It does not let two TCP sockets listen at once. For UDP on
     * Linux it does let two sockets bind, of any two users. */
    {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR},

    /* Linux 3.9: every member of a group sets it before its bind and has the
     * same effective uid; the kernel spreads connections over the members by
     * a hash of the four-tuple.
     * macOS: lets several sockets bind, but does not spread. On an exact
     * address the newest listener gets every connection, on a wildcard the
     * oldest; two wildcard binds are not checked for the same uid (read in
     * the source of xnu, not run). */
    {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT},

    {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY},

    /* For a listener: the most that its SYN-ACKs ask for. For a connection: what
     * the other side asked for, minus the options of each segment. */
    {"TCP_MAXSEG", IPPROTO_TCP, TCP_MAXSEG},

#ifdef __linux__
    {"SO_INCOMING_CPU", SOL_SOCKET, SO_INCOMING_CPU},      /* settable since 4.4 */
    {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT},   /* 2.4 */
    {"TCP_FASTOPEN", IPPROTO_TCP, TCP_FASTOPEN},           /* 3.7 */
#endif
    {NULL, 0, 0},
};

int socket_set_option(socket_handle handle, const socket_option* option, int value) {
  if (setsockopt(handle, option->level, option->number, &value, sizeof value) != 0) return errno;
  return 0;
}

/* An option that is on is 1 on Linux, and its own bit on macOS. */
int socket_get_option(socket_handle handle, const socket_option* option, int* value) {
  int got = 0;
  socklen_t size = sizeof got;
  if (getsockopt(handle, option->level, option->number, &got, &size) != 0) return errno;
  *value = got;
  return 0;
}

#ifndef __linux__
/* macOS has no SOCK_CLOEXEC, so another thread may fork in between: every
 * program on that system has this race. */
static int prepare(int handle) {
  int flags = fcntl(handle, F_GETFL);
  if (flags == -1) return errno;
  if (fcntl(handle, F_SETFL, flags | O_NONBLOCK) == -1) return errno;
  int failure = socket_close_on_exec(handle);
  if (failure != 0) return failure;
#ifdef SO_NOSIGPIPE
  int on = 1;
  if (setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) != 0) return errno;
#endif
  return 0;
}
#endif

int socket_open(int family, int type, socket_handle* result) {
#ifdef __linux__
  int handle = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle == -1) return errno;
#else
  int handle = socket(family, type, 0);
  if (handle == -1) return errno;
  int failure = prepare(handle);
  if (failure != 0) {
    close(handle);
    return failure;
  }
#endif
  *result = handle;
  return 0;
}

int socket_close(socket_handle handle) {
  /* After EINTR the descriptor is gone on Linux and macOS alike: trying again
   * could close somebody else's. */
  if (close(handle) != 0 && errno != EINTR) return errno;
  return 0;
}

int socket_bind(socket_handle handle, const struct sockaddr* address, socklen_t length) {
  return bind(handle, address, length) == 0 ? 0 : errno;
}

int socket_listen(socket_handle handle, int backlog) {
  return listen(handle, backlog) == 0 ? 0 : errno;
}

int socket_duplicate(socket_handle handle, socket_handle* result) {
  int copy = fcntl(handle, F_DUPFD_CLOEXEC, 0);
  if (copy == -1) return errno;
  *result = copy;
  return 0;
}

int socket_close_on_exec(socket_handle handle) {
  return fcntl(handle, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}

int socket_connect(socket_handle handle, const struct sockaddr* address, socklen_t length) {
  if (connect(handle, address, length) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

int socket_is_connected(socket_handle handle, bool* result) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  bool connected = getpeername(handle, (struct sockaddr*)&peer, &size) == 0;
  if (!connected && errno != ENOTCONN) return errno;
  *result = connected;
  return 0;
}

int socket_get_name(socket_handle handle, struct sockaddr_storage* address, socklen_t* length) {
  socklen_t size = sizeof *address;
  if (getsockname(handle, (struct sockaddr*)address, &size) != 0) return errno;
  *length = size;
  return 0;
}

#ifdef __linux__

static int listener_queue(socket_handle handle, socket_queue* result) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  memset(&info, 0, sizeof info);
  if (getsockopt(handle, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return errno;
  /* An emulated kernel may answer with less: a missing field must not look like an empty queue. */
  if (size < offsetof(struct tcp_info, tcpi_sacked) + sizeof info.tcpi_sacked) {
    return SOCKET_ERROR_UNSUPPORTED;
  }
  /* On a listener, and only there, these two fields are the accept queue. */
  if (info.tcpi_state != TCP_LISTEN) return ENOTCONN;
  result->length = info.tcpi_unacked;
  result->limit = info.tcpi_sacked;
  return 0;
}

static int datagram_queue(socket_handle handle, socket_queue* result) {
  uint32_t memory[SK_MEMINFO_VARS];
  socklen_t size = sizeof memory;
  memset(memory, 0, sizeof memory);
  if (getsockopt(handle, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0) return errno;
  if (size < (SK_MEMINFO_RCVBUF + 1) * sizeof memory[0]) return SOCKET_ERROR_UNSUPPORTED;
  result->length = memory[SK_MEMINFO_RMEM_ALLOC];
  result->limit = memory[SK_MEMINFO_RCVBUF];
  return 0;
}

int socket_get_queue(socket_handle handle, socket_queue* result) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return errno;
  return type == SOCK_DGRAM ? datagram_queue(handle, result) : listener_queue(handle, result);
}

#endif
