/* What is done to the program's sockets, in the same way by the supervisor and the preload library. */
#include "launcher.h"

#include <string.h>
#include <sys/stat.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* Linux 5.6. Listeners of Go 1.24 and later use it. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* Linux 5.1. */
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* The shortest length of an IPv6 address that the kernel accepts. */
#define LEAST_SIX 24

bool is_of_port(int socket, socket_kind* kind) {
  int only = 0;
  socklen_t size = sizeof(int);
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &kind->domain, &size) != 0) return false;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind->type, &size) != 0) return false;
  if (getsockopt(socket, SOL_SOCKET, SO_PROTOCOL, &kind->protocol, &size) != 0) return false;
  if (kind->domain != AF_INET && kind->domain != AF_INET6) return false;
  /* Older kernels do not report this for an MPTCP socket, which is usually dual-stack. */
  if (kind->domain == AF_INET6 &&
      getsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) != 0 &&
      kind->protocol != IPPROTO_MPTCP) {
    return false;
  }
  kind->ipv6_only = only != 0;
  bool is_tcp = kind->protocol == IPPROTO_TCP || kind->protocol == IPPROTO_MPTCP;
  return (kind->type == SOCK_STREAM && is_tcp) ||
         (kind->type == SOCK_DGRAM && kind->protocol == IPPROTO_UDP);
}

bool is_address_of(const socket_kind* kind, const struct sockaddr* address, socklen_t length) {
  socklen_t least = kind->domain == AF_INET ? sizeof(struct sockaddr_in) : LEAST_SIX;
  return length >= least && address->sa_family == kind->domain;
}

int share_socket(int socket, const socket_kind* kind) {
  int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return errno;
  /* TCP: connections that are left from the last start are no reason to fail. UDP: this would let
   * in a program that does not ask for SO_REUSEPORT. */
  if (kind->type != SOCK_STREAM) return 0;
  return setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 ? 0 : errno;
}

bool is_of_device(int socket) {
  int device = 0;
  socklen_t size = sizeof device;
  return getsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &device, &size) == 0 && device != 0;
}

uint64_t inode_of(int socket) {
  struct stat status;
  return fstat(socket, &status) == 0 ? status.st_ino : 0;
}

bool is_shared_listener(int socket, const launch_options* options) {
  socket_kind kind;
  socket_address bound;
  int shares = 0;
  socklen_t size = sizeof shares, address_size = sizeof bound;
  if (!is_of_port(socket, &kind) || kind.protocol != IPPROTO_TCP) return false;
  if (getsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &shares, &size) != 0 || !shares) return false;
  if (is_of_device(socket)) return false;
  if (getsockname(socket, &bound.any, &address_size) != 0 || port_of(&bound) == 0) return false;
  /* A program may set the option itself, on a port that is to be left alone. */
  return is_chosen_port(options, port_of(&bound));
}

/* A dual-stack socket has IPv4 addresses as `::ffff:`. */
static bool is_ipv4(const socket_address* address) {
  return address->any.sa_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&address->six.sin6_addr);
}

int bind_source(int socket, const socket_kind* kind, const socket_address* wanted,
                const launch_options* options) {
  socket_address bound, source;
  socklen_t size = sizeof bound;
  int on = 1;
  if (options->source.any.sa_family == 0) return 0;
  if (is_ipv4(wanted) != is_ipv4(&options->source)) return 0;
  if (getsockname(socket, &bound.any, &size) != 0 || port_of(&bound) != 0) return 0;
  memset(&source, 0, sizeof source);
  source.any.sa_family = (sa_family_t)kind->domain;
  if (!set_address(&source, &options->source, kind->ipv6_only)) return 0;
  /* So that the port is chosen when the other end is known, from all that are free for that;
   * without this option (before Linux 4.2), from all that are free. */
  setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  size = kind->domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  return bind(socket, &source.any, size) == 0 ? 0 : errno;
}
