/* Listeners whose programs are gone, which members keep alive. */
#include "members.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a member may take to answer, in milliseconds, and how many are waited for. */
#define ANSWER_PATIENCE 150
#define MOST_ASKED 8

/* Whether a socket is what was asked for, and what it is said to be. */
static bool is_orphan_of(int socket, const char* key, uint64_t inode) {
  char own_key[MOST_KEY];
  int listens = 0;
  socklen_t size = sizeof listens;
  struct stat status;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
         make_key_of(socket, own_key, sizeof own_key) == 0 && strcmp(own_key, key) == 0 &&
         fstat(socket, &status) == 0 && status.st_ino == inode;
}

/* Asks one member, and waits for its answer. ENOENT: it gives no orphan; another errno: it is not a
 * member of this user, and was not waited for. */
static int ask_for_orphan(struct members* members, const char* name, const char* key, int* result) {
  char text[64];
  ssize_t length = 0;
  int other, attached = -1;
  int failure = connect_to(name, &other);
  if (failure != 0) return failure;
  if (!is_own_user(other)) {
    close_aside(other);
    return EPERM;
  }
  struct pollfd answer = {.fd = other, .events = POLLIN};
  if (send_with(other, "take", 4, -1) == 0 && poll(&answer, 1, ANSWER_PATIENCE) == 1) {
    length = receive_with(other, text, sizeof text - 1, &attached);
  }
  close(other);
  if (attached == -1) return ENOENT;
  text[length] = '\0'; /* A descriptor comes with a message. */
  unsigned long long inode;
  if (sscanf(text, "orphan %llu", &inode) == 1 && is_orphan_of(attached, key, inode) &&
      claim_orphan(members, key, inode, name)) {
    *result = attached;
    return 0;
  }
  close(attached);
  return ENOENT;
}

/* Takes a listener that the program has closed and this process still holds: netcat listens again
 * for each connection. */
static int take_own(struct members* members, const char* key, int* result) {
  for (size_t i = 0; i < members->listener_count; i++) {
    listener* one = &members->listeners[i];
    if (strcmp(one->key, key) != 0 || descendants_have(one->inode)) continue;
    *result = fcntl(one->socket, F_DUPFD_CLOEXEC, 0);
    one->waited = false; /* It is in use again. */
    one->orphaned = false;
    return *result == -1 ? errno : 0;
  }
  return ENOENT;
}

/* Whether a name is that of this process itself, which cannot answer while it waits. */
static bool is_own_id(const struct members* members, const char* id) {
  for (size_t i = 0; i < members->listener_count; i++) {
    if (strcmp(members->listeners[i].id, id) == 0) return true;
  }
  return false;
}

/* The names that other users have do not count: any local user can take that many. */
int take_orphan(struct members* members, const socket_address* address, bool ipv6_only,
                int* result) {
  char key[MOST_KEY], start[MOST_START], name[MOST_NAME + MOST_START];
  if (members == NULL) return ENOENT; /* No name would tell that the program has it. */
  int failure = make_key(address, ipv6_only, key, sizeof key);
  if (failure != 0) return failure;
  if (take_own(members, key, result) == 0) return 0;
  snprintf(start, sizeof start, "reuse/1/%s/", key);
  FILE* names = fopen("/proc/net/unix", "re");
  if (names == NULL) return errno;
  failure = ENOENT;
  for (int asked = 0; failure != 0 && asked < MOST_ASKED;) {
    if (!next_name(names, start, name, sizeof name)) break;
    if (is_own_id(members, name + strlen(start))) continue;
    failure = ask_for_orphan(members, name, key, result);
    if (failure == ENOENT) asked++;
  }
  fclose(names);
  return failure == 0 ? 0 : ENOENT;
}

