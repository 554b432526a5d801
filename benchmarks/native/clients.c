/*
 * HTTP clients for a load on loopback:
 *
 *     clients kept|new HOST PORT[,PORT...] CLIENTS SECONDS
 *
 * Each client sends a request, reads the answer, and starts again: on the same connection, or on a new
 * one if the server has closed the last. The clients are spread evenly over the ports. When the time
 * is up, a line of JSON reports what came back.
 *
 * It is in C because the load shares the processors with the servers. Most of what a connection costs
 * a client is in the kernel, and this program adds little to it: connect() to loopback has completed
 * when it returns, so the request follows at once; then the program waits only for the answer, or for
 * the end of the connection. Linux only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Each address has its own ephemeral ports; those of one address would be used up within seconds. */
#define FIRST_ADDRESS 0x7f010001u /* 127.1.0.1 */
#define ADDRESSES 200

#define MOST_PORTS 256
#define MOST_EVENTS 256
#define ROOM 2048 /* for an answer: more than any correct one needs */

static const char kept_request[] = "GET / HTTP/1.1\r\nHost: benchmark\r\n\r\n";
static const char new_request[] = "GET / HTTP/1.1\r\nHost: benchmark\r\nConnection: close\r\n\r\n";
static const char right[] = "HTTP/1.1 200 ";
static const char right_end[] = "hello";

struct client {
  int fd;
  struct sockaddr_in server;
};

static struct {
  unsigned long requests, connect, read, wrong;
} count;

static bool keep;
static int epoll;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool send_request(const struct client *client) {
  const char *request = keep ? kept_request : new_request;
  size_t length = strlen(request);
  return send(client->fd, request, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* The answer comes in one piece; on a connection that is not kept, it is there when the server closes. */
static uint32_t answer_event(void) { return keep ? EPOLLIN : EPOLLRDHUP; }

static void start(struct client *client) {
  static unsigned next;
  struct sockaddr_in self = {.sin_family = AF_INET};
  self.sin_addr.s_addr = htonl(FIRST_ADDRESS + next++ % ADDRESSES);

  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (client->fd == -1) err(1, "socket");
  /* The port is chosen at connect(), and may be one that a connection to another server uses. */
  if (setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int)) == -1)
    err(1, "IP_BIND_ADDRESS_NO_PORT");
  if (bind(client->fd, (struct sockaddr *)&self, sizeof self) == -1) err(1, "bind");
  if (connect(client->fd, (struct sockaddr *)&client->server, sizeof client->server) == -1 &&
      errno != EINPROGRESS)
    err(1, "connect");

  /* If the server's queue is full, the connection is not established yet. */
  bool sent = send_request(client);
  if (!sent && errno != EAGAIN && errno != ENOTCONN) err(1, "send");
  struct epoll_event event = {.events = sent ? answer_event() : EPOLLOUT, .data.ptr = client};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) == -1) err(1, "epoll_ctl");
}

static bool is_right(const char *answer, size_t length) {
  size_t start = sizeof right - 1, end = sizeof right_end - 1;
  return length >= start + end && memcmp(answer, right, start) == 0 &&
         memcmp(answer + length - end, right_end, end) == 0;
}

/* Returns whether the next request has been sent on the same connection. */
static bool read_answer(const struct client *client) {
  char answer[ROOM];
  ssize_t got = recv(client->fd, answer, sizeof answer, 0);
  if (got == -1) count.read++;
  else if (is_right(answer, (size_t)got)) count.requests++;
  else count.wrong++;
  return keep && got > 0 && send_request(client);
}

/* Returns whether the request has been sent. */
static bool connected(struct client *client) {
  if (!send_request(client)) {
    count.connect++;
    return false;
  }
  struct epoll_event event = {.events = answer_event(), .data.ptr = client};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event) == -1) err(1, "epoll_ctl");
  return true;
}

static void run(double end) {
  struct epoll_event events[MOST_EVENTS];
  while (now() < end) {
    int n = epoll_wait(epoll, events, MOST_EVENTS, 10);
    for (int i = 0; i < n; i++) {
      struct client *client = events[i].data.ptr;
      bool goes_on = events[i].events & EPOLLOUT ? connected(client) : read_answer(client);
      if (goes_on) continue;
      close(client->fd);
      start(client);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 6) errx(2, "usage: clients kept|new HOST PORT[,PORT...] CLIENTS SECONDS");
  keep = strcmp(argv[1], "kept") == 0;
  struct in_addr host;
  if (inet_pton(AF_INET, argv[2], &host) != 1) errx(2, "%s is not an IPv4 address", argv[2]);
  unsigned short ports[MOST_PORTS];
  int port_count = 0;
  for (char *port = strtok(argv[3], ","); port && port_count < MOST_PORTS; port = strtok(NULL, ","))
    ports[port_count++] = htons((unsigned short)atoi(port));
  int client_count = atoi(argv[4]);
  double seconds = atof(argv[5]);
  if (port_count == 0 || client_count <= 0 || seconds <= 0)
    errx(2, "ports, clients and seconds must be positive");

  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll == -1) err(1, "epoll_create1");
  struct client *clients = calloc((size_t)client_count, sizeof *clients);
  if (!clients) err(1, "calloc");

  double begin = now();
  for (int i = 0; i < client_count; i++) {
    clients[i].server = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = ports[i % port_count], .sin_addr = host};
    start(&clients[i]);
  }
  run(begin + seconds);
  printf("{\"requests\":%lu,\"seconds\":%f,\"connect\":%lu,\"read\":%lu,\"wrong\":%lu}\n",
         count.requests, now() - begin, count.connect, count.read, count.wrong);
  return 0;
}
