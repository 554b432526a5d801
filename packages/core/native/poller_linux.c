/*
 * Two epoll instances. The thread sleeps on the outer one, which has the
 * sockets that are reported once, and the inner one. The inner one has the
 * listeners whose queues are watched. When something comes to one of them, the
 * thread begins to look, every few milliseconds, at which of them still have
 * something; when nothing waits, it sleeps again.
 *
 * If connections come all the time, it never sleeps for long. It then looks
 * less often while nothing waits anywhere, and while connections wait for its
 * own process, because each look wakes the thread. These wake-ups took a tenth
 * of the processor time of members that answer 800 new connections a second,
 * and more of members that have as many as they can answer.
 */
#include "poller.h"
#include "thread_linux.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* After how many looks at which nothing waits anywhere the thread sleeps. */
#define LAST_LOOKS 8

/* How long the thread continues to look often after something has waited from
 * one look to the next, in milliseconds. */
#define ALERT_TIME 1000

typedef struct {
  socket_handle handle;
  socket_handle own;
  uint32_t patience;
  uint64_t last_look; /* The last look at which something waited. */
  uint32_t looks;     /* At how many looks in a row something waited. */
  bool reported;
} watched;

struct poller {
  poller_report report;
  void* data;
  pthread_t thread;
  int outer;
  int inner;
  int ending; /* An eventfd. */
  pthread_mutex_t mutex;
  /* The mutex guards all fields below. */
  watched* list;
  size_t count;
  size_t capacity;
};

static int add(int epoll, int handle, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = handle};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, handle, &event) == 0) return 0;
  if (errno != EEXIST) return errno;
  return epoll_ctl(epoll, EPOLL_CTL_MOD, handle, &event) == 0 ? 0 : errno;
}

static watched* find(poller* poller, socket_handle handle) {
  for (size_t i = 0; i < poller->count; i++) {
    if (poller->list[i].handle == handle) return &poller->list[i];
  }
  return NULL;
}

typedef enum { NOTHING_WAITS, SOMETHING_WAITS, SOMETHING_WAITS_STILL } finding;

/* Whether a connection waits at the listener. */
static bool is_busy(socket_handle listener) {
  struct pollfd one = {.fd = listener, .events = POLLIN};
  return listener != -1 && poll(&one, 1, 0) > 0;
}

/* Takes one look at the watched listeners. Also finds out whether this process
 * is too busy for what waits there. */
static finding look(poller* poller, uint64_t number, bool* busy) {
  struct epoll_event events[64];
  int ready = epoll_wait(poller->inner, events, 64, 0);
  finding found = ready > 0 ? SOMETHING_WAITS : NOTHING_WAITS;
  for (int i = 0; i < ready; i++) {
    bool due = false;
    pthread_mutex_lock(&poller->mutex);
    watched* one = find(poller, events[i].data.fd);
    if (one != NULL) {
      one->looks = one->last_look + 1 == number ? one->looks + 1 : 1;
      one->last_look = number;
      if (one->looks > 1) found = SOMETHING_WAITS_STILL;
      /* What waits at the first look came after the look before it. */
      due = !one->reported && (one->looks - 1) * POLLER_INTERVAL >= one->patience;
      if (due && is_busy(one->own)) {
        due = false;
        *busy = true;
      }
      if (due) one->reported = true;
    }
    pthread_mutex_unlock(&poller->mutex);
    if (due) poller->report(poller->data, events[i].data.fd);
  }
  return found;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void* run(void* argument) {
  poller* poller = argument;
  struct epoll_event events[64];
  uint64_t number = 1; /* Of the next look. A gap after a sleep separates the counts. */
  int left = 0;        /* Looks that are left until the thread sleeps. */
  int64_t next = 0;
  int64_t alert = 0; /* The time until which it looks often. */
  for (;;) {
    int timeout = -1;
    if (left > 0) {
      int64_t until = next - now();
      timeout = until > 0 ? (int)until : 0;
    }
    int ready = epoll_wait(poller->outer, events, 64, timeout);
    if (ready == -1 && errno != EINTR) return NULL; /* The poller is being closed. */
    for (int i = 0; i < ready; i++) {
      int handle = events[i].data.fd;
      if (handle == poller->ending) return NULL;
      if (handle != poller->inner) {
        poller->report(poller->data, handle);
      } else {
        left = LAST_LOOKS;
        number += 2;
        next = now() + POLLER_INTERVAL;
      }
    }
    if (left == 0 || now() < next) continue;
    bool busy = false;
    finding found = look(poller, number++, &busy);
    if (found == SOMETHING_WAITS_STILL) alert = now() + ALERT_TIME;
    left = found == NOTHING_WAITS ? left - 1 : LAST_LOOKS;
    /* What waits is looked at again as soon as it can be due, unless this process is busy. */
    bool seldom = busy || (found == NOTHING_WAITS && now() >= alert);
    next = now() + (seldom ? POLLER_CALM_INTERVAL : POLLER_INTERVAL);
    if (left == 0) add(poller->outer, poller->inner, EPOLLIN | EPOLLONESHOT);
  }
}

static void free_poller(poller* poller) {
  if (poller->outer != -1) close(poller->outer);
  if (poller->inner != -1) close(poller->inner);
  if (poller->ending != -1) close(poller->ending);
  pthread_mutex_destroy(&poller->mutex);
  free(poller->list);
  free(poller);
}

int poller_open(poller_report report, void* data, poller** result) {
  poller* poller = calloc(1, sizeof *poller);
  if (poller == NULL) return ENOMEM;
  int failure = pthread_mutex_init(&poller->mutex, NULL);
  if (failure != 0) {
    free(poller);
    return failure;
  }
  poller->report = report;
  poller->data = data;
  poller->outer = epoll_create1(EPOLL_CLOEXEC);
  poller->inner = epoll_create1(EPOLL_CLOEXEC);
  poller->ending = eventfd(0, EFD_CLOEXEC);
  if (poller->outer == -1 || poller->inner == -1 || poller->ending == -1) failure = errno;
  if (failure == 0) failure = add(poller->outer, poller->ending, EPOLLIN);
  if (failure == 0) failure = add(poller->outer, poller->inner, EPOLLIN | EPOLLONESHOT);
  if (failure == 0) failure = start_quiet_thread(&poller->thread, run, poller);
  if (failure != 0) {
    free_poller(poller);
    return failure;
  }
  *result = poller;
  return 0;
}

void poller_close(poller* poller) {
  uint64_t one = 1;
  while (write(poller->ending, &one, sizeof one) == -1 && errno == EINTR) continue;
  pthread_join(poller->thread, NULL);
  free_poller(poller);
}

int poller_once(poller* poller, socket_handle handle) {
  return add(poller->outer, handle, EPOLLIN | EPOLLONESHOT);
}

int poller_watch_queue(poller* poller, socket_handle handle, uint32_t patience,
                       socket_handle own) {
  int failure = 0;
  pthread_mutex_lock(&poller->mutex);
  watched* one = find(poller, handle);
  if (one == NULL && poller->count == poller->capacity) {
    size_t capacity = poller->capacity == 0 ? 16 : poller->capacity * 2;
    watched* list = realloc(poller->list, capacity * sizeof *list);
    if (list == NULL) {
      failure = ENOMEM;
    } else {
      poller->list = list;
      poller->capacity = capacity;
    }
  }
  if (failure == 0 && one == NULL) {
    one = &poller->list[poller->count++];
    memset(one, 0, sizeof *one);
    one->handle = handle;
  }
  if (one != NULL) {
    one->own = own;
    one->patience = patience;
    one->looks = 0;
    one->reported = false;
  }
  pthread_mutex_unlock(&poller->mutex);
  if (failure == 0) failure = add(poller->inner, handle, EPOLLIN);
  return failure;
}

void poller_forget(poller* poller, socket_handle handle) {
  pthread_mutex_lock(&poller->mutex);
  watched* one = find(poller, handle);
  if (one != NULL) *one = poller->list[--poller->count];
  pthread_mutex_unlock(&poller->mutex);
  struct epoll_event ignored = {0}; /* Linux before 2.6.9 needs one. */
  epoll_ctl(poller->outer, EPOLL_CTL_DEL, handle, &ignored);
  epoll_ctl(poller->inner, EPOLL_CTL_DEL, handle, &ignored);
}
