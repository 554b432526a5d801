/* Abstract Unix sockets that preserve message boundaries: the ends of the members' channel. */
#include "members.h"

#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* How many connections can wait at an endpoint. */
#define ENDPOINT_BACKLOG 256

/* Makes the socket, and the address of the name for it. */
static int make_endpoint(const char* name, struct sockaddr_un* address, socklen_t* size,
                         int* result) {
  size_t length = strlen(name);
  if (length >= sizeof address->sun_path) return ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, length); /* A leading zero makes it abstract. */
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
  *result = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return *result == -1 ? errno : 0;
}

int open_endpoint(const char* name, int* result) {
  struct sockaddr_un address;
  socklen_t size;
  int endpoint;
  int failure = make_endpoint(name, &address, &size, &endpoint);
  if (failure != 0) return failure;
  if (bind(endpoint, (struct sockaddr*)&address, size) != 0 ||
      listen(endpoint, ENDPOINT_BACKLOG) != 0) {
    failure = errno;
    close(endpoint);
    return failure;
  }
  *result = endpoint;
  return 0;
}

int name_of_endpoint(int endpoint, char* name) {
  struct sockaddr_un address;
  socklen_t size = sizeof address;
  if (getsockname(endpoint, (struct sockaddr*)&address, &size) != 0) return errno;
  size_t start = offsetof(struct sockaddr_un, sun_path) + 1;
  if (size < start || size - start >= MOST_NAME) return ENAMETOOLONG;
  memcpy(name, address.sun_path + 1, size - start);
  name[size - start] = '\0';
  return 0;
}

int connect_to(const char* name, int* result) {
  struct sockaddr_un address;
  socklen_t size;
  int other;
  int failure = make_endpoint(name, &address, &size, &other);
  if (failure != 0) return failure;
  if (connect(other, (struct sockaddr*)&address, size) != 0) {
    failure = errno;
    close(other);
    return failure;
  }
  *result = other;
  return 0;
}

