/* Listeners whose programs are gone, which members keep alive. */
#include "members.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* How long a member may take to answer, in milliseconds, and how many are waited for. */
#define ANSWER_PATIENCE 150
#define MOST_ASKED 8

/* Asks one member, and waits for its answer. ENOENT: it gives none; another errno: it is no member of
 * this user, and was not waited for. */
static int ask_for_orphan(const char* name, const char* key, int* result) {
  char text[64], own_key[MOST_KEY];
  int other, attached = -1;
  int failure = connect_to(name, &other);
  if (failure != 0) return failure;
  if (!is_own_user(other)) {
    close_aside(other);
    return EPERM;
  }
  struct pollfd answer = {.fd = other, .events = POLLIN};
  if (send_with(other, "take", 4, -1) == 0 && poll(&answer, 1, ANSWER_PATIENCE) == 1) {
    receive_with(other, text, sizeof text, &attached);
  }
  close(other);
  if (attached == -1) return ENOENT;
  /* It is believed when it is what was asked for. */
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(attached, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
      make_key_of(attached, own_key, sizeof own_key) == 0 && strcmp(own_key, key) == 0) {
    *result = attached;
    return 0;
  }
  close(attached);
  return ENOENT;
}

/* One that the program has closed and this process holds still: netcat listens anew for each
 * connection. */
static int take_own(struct members* members, const char* key, int* result) {
  for (size_t i = 0; i < members->listener_count; i++) {
    listener* one = &members->listeners[i];
    if (strcmp(one->key, key) != 0 || descendants_have(one->inode)) continue;
    *result = fcntl(one->socket, F_DUPFD_CLOEXEC, 0);
    one->waited = false; /* It is not left alone. */
    one->orphaned = false;
    return *result == -1 ? errno : 0;
  }
  return ENOENT;
}

/* Whether it is this process itself, which cannot answer while it waits. */
static bool is_own_id(const struct members* members, const char* id) {
  if (members == NULL) return false;
  for (size_t i = 0; i < members->listener_count; i++) {
    if (strcmp(members->listeners[i].id, id) == 0) return true;
  }
  return false;
}

/* The names of others do not count: any local user can take as many. */
int take_orphan(struct members* members, const socket_address* address, bool ipv6_only,
                int* result) {
  char key[MOST_KEY], start[MOST_START], name[MOST_NAME + MOST_START];
  int failure = make_key(address, ipv6_only, key, sizeof key);
  if (failure != 0) return failure;
  if (members != NULL && take_own(members, key, result) == 0) return 0;
  snprintf(start, sizeof start, "reuse/1/%s/", key);
  FILE* names = fopen("/proc/net/unix", "re");
  if (names == NULL) return errno;
  failure = ENOENT;
  for (int asked = 0; failure != 0 && asked < MOST_ASKED;) {
    if (!next_name(names, start, name, sizeof name)) break;
    if (is_own_id(members, name + strlen(start))) continue;
    failure = ask_for_orphan(name, key, result);
    if (failure == ENOENT) asked++;
  }
  fclose(names);
  return failure == 0 ? 0 : ENOENT;
}

