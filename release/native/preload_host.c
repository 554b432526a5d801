/*
 * Shows whether the binds of a program share their ports, to test the library
 * that is preloaded into it: listens twice on a port that was free, which no
 * kernel allows unless both sockets share it. Prints "shared" and where a
 * connection to the port comes from, or why it is not shared: preload_host.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static socklen_t size = sizeof address;

/* A socket that is bound to the address, or -1. */
static int open_bound(void) {
  int opened = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(opened, (struct sockaddr*)&address, sizeof address) == 0) return opened;
  close(opened);
  return -1;
}

int main(void) {
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int probe = open_bound();
  if (probe == -1 || getsockname(probe, (struct sockaddr*)&address, &size) != 0) {
    perror("a free port");
    return 1;
  }
  close(probe);

  for (int listener = 0; listener < 2; listener++) {
    int opened = open_bound();
    if (opened == -1 || listen(opened, 8) != 0) {
      printf("%s\n", errno == EADDRINUSE ? "in use" : strerror(errno));
      return 0;
    }
  }
  int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr*)&address, sizeof address) != 0 ||
      getsockname(client, (struct sockaddr*)&address, &size) != 0) {
    perror("a connection");
    return 1;
  }
  printf("shared, from %s\n", inet_ntoa(address.sin_addr));
  return 0;
}
