/* The names of groups and of their members, as in core's member-names.ts. */
#include "members.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

int make_key(const socket_address* address, bool ipv6_only, char* key, size_t size) {
  char text[INET6_ADDRSTRLEN];
  bool is_four = address->any.sa_family == AF_INET;
  const void* bytes = is_four ? (void*)&address->four.sin_addr : (void*)&address->six.sin6_addr;
  if (inet_ntop(address->any.sa_family, bytes, text, sizeof text) == NULL) return errno;
  int written = snprintf(key, size, "tcp/%s/%s/%u/%u", text, ipv6_only ? "only" : "dual",
                         port_of(address), geteuid());
  return written > 0 && (size_t)written < size ? 0 : ENAMETOOLONG;
}

int make_key_of(int socket, char* key, size_t size) {
  socket_address address;
  socket_kind kind;
  socklen_t length = sizeof address;
  if (getsockname(socket, &address.any, &length) != 0) return errno;
  if (!is_of_port(socket, &kind)) return ENOTSOCK;
  return make_key(&address, kind.ipv6_only, key, size);
}

/* Sockets that listen have the flag __SO_ACCEPTCON; proc(5). */
bool next_name(FILE* names, const char* start, char* name, size_t size) {
  char line[512];
  while (fgets(line, sizeof line, names) != NULL) {
    const char* flags = strstr(line, " 00010000 0005 01 ");
    const char* at = flags == NULL ? NULL : strchr(flags, '@');
    if (at == NULL || strncmp(at + 1, start, strlen(start)) != 0) continue;
    snprintf(name, size, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    return true;
  }
  return false;
}

