/*
 * The thread sleeps until something comes to a socket or to one of the watched
 * listeners. Then it begins to look, every few milliseconds, at which listeners
 * still have something; when nothing waits, it sleeps again.
 *
 * If connections come all the time, it never sleeps for long. It then looks
 * less often while nothing waits anywhere, and while connections wait for its
 * own process, because each look wakes the thread. These wake-ups took a tenth
 * of the processor time of members that answer 800 new connections a second,
 * and more of members that have as many as they can answer.
 *
 * A listener wakes the thread only once after each sleep, because an event is
 * made at the cost of whoever sends the connection, for each member that
 * watches. Eight members that answer as many new connections as they can used
 * 1.18 times the processor time of members that watch nothing when each
 * connection was an event, and use 1.05 times it now.
 */
#include "poller.h"
#include "thread_linux.h"

#include <poll.h>
#include <stdlib.h>
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
  int64_t since;      /* The first of the latest looks in a row at which something waited. */
  bool reported;
} watched;

struct poller {
  poller_report report;
  void* data;
  pthread_t thread;
  int epoll;
  int ending; /* An eventfd. */
  pthread_mutex_t mutex;
  /* The mutex guards all fields below. */
  watched* list;
  size_t count;
  size_t capacity;
  struct pollfd* looked_at; /* For one look; as many as `capacity`. */
};

/* Wakes the thread when something comes to the socket, and then no more. */
static int wake_once(poller* poller, socket_handle handle) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = handle};
  if (epoll_ctl(poller->epoll, EPOLL_CTL_MOD, handle, &event) == 0) return 0;
  if (errno != ENOENT) return errno;
  return epoll_ctl(poller->epoll, EPOLL_CTL_ADD, handle, &event) == 0 ? 0 : errno;
}

static watched* find(poller* poller, socket_handle handle) {
  for (size_t i = 0; i < poller->count; i++) {
    if (poller->list[i].handle == handle) return &poller->list[i];
  }
  return NULL;
}

typedef enum { NOTHING_WAITS, SOMETHING_WAITS, SOMETHING_WAITS_STILL } finding;

/* In milliseconds. */
static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Whether a connection waits at the listener. */
static bool is_busy(socket_handle listener) {
  struct pollfd one = {.fd = listener, .events = POLLIN};
  return listener != -1 && poll(&one, 1, 0) > 0;
}

/* Takes one look at the watched listeners. Also finds out whether this process
 * is too busy for what waits there. */
static finding look(poller* poller, uint64_t number, bool* busy) {
  finding found = NOTHING_WAITS;
  int64_t time = now();
  pthread_mutex_lock(&poller->mutex);
  for (size_t i = 0; i < poller->count; i++) {
    watched* one = &poller->list[i];
    /* poll() passes over a descriptor of -1. */
    poller->looked_at[i].fd = one->reported ? -1 : one->handle;
    poller->looked_at[i].events = POLLIN;
  }
  int ready = poll(poller->looked_at, poller->count, 0);
  for (size_t i = 0; ready > 0 && i < poller->count; i++) {
    if (poller->looked_at[i].revents == 0) continue;
    watched* one = &poller->list[i];
    if (one->last_look + 1 == number) {
      found = SOMETHING_WAITS_STILL;
    } else {
      one->since = time;
      if (found == NOTHING_WAITS) found = SOMETHING_WAITS;
    }
    one->last_look = number;
    if (is_busy(one->own)) {
      *busy = true;
      continue;
    }
    if (time - one->since < one->patience) continue;
    one->reported = true;
    poller->report(poller->data, one->handle);
  }
  pthread_mutex_unlock(&poller->mutex);
  return found;
}

/* Lets the next connection at a watched listener wake the thread. */
static void wake_for_all(poller* poller) {
  pthread_mutex_lock(&poller->mutex);
  for (size_t i = 0; i < poller->count; i++) {
    /* Cannot fail: it is known to epoll already. */
    if (!poller->list[i].reported) wake_once(poller, poller->list[i].handle);
  }
  pthread_mutex_unlock(&poller->mutex);
}

/* Whether the socket is a watched listener. */
static bool is_watched(poller* poller, socket_handle handle) {
  pthread_mutex_lock(&poller->mutex);
  bool watched = find(poller, handle) != NULL;
  pthread_mutex_unlock(&poller->mutex);
  return watched;
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
    int ready = epoll_wait(poller->epoll, events, 64, timeout);
    if (ready == -1 && errno != EINTR) return NULL; /* The poller is being closed. */
    for (int i = 0; i < ready; i++) {
      int handle = events[i].data.fd;
      if (handle == poller->ending) return NULL;
      if (!is_watched(poller, handle)) {
        poller->report(poller->data, handle);
      } else if (left == 0) {
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
    if (left == 0) wake_for_all(poller);
  }
}

static void free_poller(poller* poller) {
  if (poller->epoll != -1) close(poller->epoll);
  if (poller->ending != -1) close(poller->ending);
  pthread_mutex_destroy(&poller->mutex);
  free(poller->looked_at);
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
  poller->epoll = epoll_create1(EPOLL_CLOEXEC);
  poller->ending = eventfd(0, EFD_CLOEXEC);
  if (poller->epoll == -1 || poller->ending == -1) failure = errno;
  if (failure == 0) failure = wake_once(poller, poller->ending);
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
  return wake_once(poller, handle);
}

/* Makes room for more watched listeners. */
static int grow(poller* poller) {
  size_t capacity = poller->capacity == 0 ? 16 : poller->capacity * 2;
  watched* list = realloc(poller->list, capacity * sizeof *list);
  if (list == NULL) return ENOMEM;
  poller->list = list;
  struct pollfd* looked_at = realloc(poller->looked_at, capacity * sizeof *looked_at);
  if (looked_at == NULL) return ENOMEM;
  poller->looked_at = looked_at;
  poller->capacity = capacity;
  return 0;
}

int poller_watch_queue(poller* poller, socket_handle handle, uint32_t patience,
                       socket_handle own) {
  int failure = 0;
  pthread_mutex_lock(&poller->mutex);
  watched* one = find(poller, handle);
  if (one == NULL && poller->count == poller->capacity) failure = grow(poller);
  if (failure == 0) failure = wake_once(poller, handle);
  if (failure == 0) {
    if (one == NULL) one = &poller->list[poller->count++];
    *one = (watched){.handle = handle, .own = own, .patience = patience};
  }
  pthread_mutex_unlock(&poller->mutex);
  return failure;
}

void poller_forget(poller* poller, socket_handle handle) {
  pthread_mutex_lock(&poller->mutex);
  watched* one = find(poller, handle);
  if (one != NULL) *one = poller->list[--poller->count];
  pthread_mutex_unlock(&poller->mutex);
  struct epoll_event ignored = {0}; /* Linux before 2.6.9 needs one. */
  epoll_ctl(poller->epoll, EPOLL_CTL_DEL, handle, &ignored);
}
