/*
 * Carries packets between two network namespaces, each after the same delay: what tc-netem(8) does,
 * for kernels that are built without it.
 *
 *     relay DEVICE OTHER_NAMESPACE MICROSECONDS
 *
 * Creates a TUN device of that name in this namespace and in the other, prints "ready", and ends when
 * its stdin closes. Linux only.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_SIZE 1500 /* a TUN device's default MTU */
#define CAPACITY 16384   /* packets on their way in one direction */

struct packet {
  int64_t due;
  size_t size;
  unsigned char bytes[PACKET_SIZE];
};

/* One direction: a ring of packets, which leave in the order in which they came. */
struct direction {
  int from;
  int to;
  struct packet *packets;
  unsigned first;
  unsigned count;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int open_device(const char *name) {
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) err(1, "/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) err(1, "TUNSETIFF");
  return device;
}

static void enter(const char *namespace) {
  int descriptor = open(namespace, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) err(1, "%s", namespace);
  if (setns(descriptor, CLONE_NEWNET) < 0) err(1, "setns");
  close(descriptor);
}

static void take(struct direction *way, int64_t delay) {
  while (way->count < CAPACITY) {
    struct packet *packet = &way->packets[(way->first + way->count) % CAPACITY];
    ssize_t size = read(way->from, packet->bytes, PACKET_SIZE);
    if (size < 0) {
      /* EIO: the device is not up yet. */
      if (errno == EAGAIN || errno == EINTR || errno == EIO) return;
      err(1, "read");
    }
    packet->size = (size_t)size;
    packet->due = now() + delay;
    way->count++;
  }
}

static void give(struct direction *way) {
  int64_t time = now();
  while (way->count > 0 && way->packets[way->first].due <= time) {
    struct packet *packet = &way->packets[way->first];
    /* A device that is not up loses packets, as any network may. */
    if (write(way->to, packet->bytes, packet->size) < 0 && errno != EIO) err(1, "write");
    way->first = (way->first + 1) % CAPACITY;
    way->count--;
  }
}

int main(int argc, char **argv) {
  if (argc != 4) errx(2, "usage: relay DEVICE OTHER_NAMESPACE MICROSECONDS");
  const int64_t delay = strtoll(argv[3], NULL, 10) * 1000;
  int here = open_device(argv[1]);
  enter(argv[2]);
  int there = open_device(argv[1]);

  struct direction ways[2] = {{.from = here, .to = there}, {.from = there, .to = here}};
  for (int i = 0; i < 2; i++) {
    ways[i].packets = calloc(CAPACITY, sizeof *ways[i].packets);
    if (ways[i].packets == NULL) err(1, "calloc");
  }
  puts("ready");
  fflush(stdout);

  for (;;) {
    int64_t next = INT64_MAX;
    struct pollfd events[3] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    for (int i = 0; i < 2; i++) {
      struct direction *way = &ways[i];
      if (way->count > 0 && way->packets[way->first].due < next)
        next = way->packets[way->first].due;
      events[i + 1] = (struct pollfd){.fd = way->from, .events = way->count < CAPACITY ? POLLIN : 0};
    }
    int64_t left = next - now();
    if (left < 0) left = 0;
    struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    if (ppoll(events, 3, next == INT64_MAX ? NULL : &timeout, NULL) < 0 && errno != EINTR)
      err(1, "ppoll");
    if (events[0].revents != 0) return 0;
    for (int i = 0; i < 2; i++) {
      take(&ways[i], delay);
      give(&ways[i]);
    }
  }
}
