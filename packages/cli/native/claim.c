/*
 * The right to take an orphan: two processes that bind at the same moment may
 * be given the same listener, by a holder that has just joined, or because the
 * first takes long. The process that has the lock of the listener takes it, as
 * in core's take-orphan.ts. The lock is an abstract Unix socket, which the
 * kernel frees when the process ends, and is kept until the name of a member
 * tells whose the listener is.
 */
#include "members.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in core's lock.ts: another user can take each of them first, to do harm. */
#define LOCK_NAMES 4

/* How often to check whether the program still has an orphan that it has not listened on, in
 * milliseconds. */
#define CLAIM_INTERVAL 1000

static void close_other(int other, bool is_own) {
  if (is_own) close(other);
  else close_aside(other);
}

/* The process that has a lock listens there; another user may have the name and not listen. */
static bool is_of_another_user(const char* name) {
  int other;
  int failure = connect_to(name, &other);
  if (failure == 0) {
    bool is_own = is_own_user(other);
    close_other(other, is_own);
    return !is_own;
  }
  /* If its queue is full, that is not known: then it counts as one of this user. */
  if (failure != ECONNREFUSED) return false;
  /* Nobody listens: either the name is free by now, or nobody ever does. */
  if (open_endpoint(name, &other) != 0) return true;
  close(other);
  return false;
}

/* EBUSY: a process of this user has it. */
static int try_lock(const char* key, uint64_t inode, int* lock) {
  char name[256];
  for (int i = 0; i < LOCK_NAMES; i++) {
    snprintf(name, sizeof name, "reuse/1/lock/%s/take/%llu/%d", key, (unsigned long long)inode, i);
    int failure = open_endpoint(name, lock);
    if (failure != EADDRINUSE) return failure;
    if (!is_of_another_user(name)) return EBUSY;
  }
  *lock = -1; /* Other users have all of its names: it is granted without being held. */
  return 0;
}

/* Whether a member of this user has this name. If its queue is full, that is not known: then it
 * counts as one. */
static bool is_member(const char* name) {
  int other;
  int failure = connect_to(name, &other);
  if (failure != 0) return failure == EAGAIN;
  bool is_own = is_own_user(other);
  close_other(other, is_own);
  return is_own;
}

/* Whether a member other than the giver has the listener already; a launcher whose program has
 * crashed gives its own. */
static bool has_other_owner(const char* key, uint64_t inode, const char* giver) {
  char start[MOST_START], name[MOST_NAME + MOST_START];
  snprintf(start, sizeof start, "reuse/1/%s/%llu.", key, (unsigned long long)inode);
  FILE* names = fopen("/proc/net/unix", "re");
  if (names == NULL) return true;
  bool found = false;
  while (!found && next_name(names, start, name, sizeof name)) {
    found = strcmp(name, giver) != 0 && is_member(name);
  }
  fclose(names);
  return found;
}

bool claim_orphan(struct members* members, const char* key, uint64_t inode, const char* giver) {
  int lock;
  if (members->claim_count == MOST_LISTENERS || try_lock(key, inode, &lock) != 0) return false;
  bool is_free = !has_other_owner(key, inode, giver);
  if (is_free && lock != -1) {
    members->claims[members->claim_count++] =
        (claim){.inode = inode, .lock = lock, .look_at = now() + CLAIM_INTERVAL};
  } else if (lock != -1) {
    close(lock);
  }
  return is_free;
}

void release_claim(struct members* members, uint64_t inode) {
  for (size_t i = members->claim_count; i-- > 0;) {
    if (members->claims[i].inode != inode) continue;
    close(members->claims[i].lock);
    members->claims[i] = members->claims[--members->claim_count];
  }
}

void members_release_orphan(struct members* members, int orphan) {
  struct stat status;
  if (fstat(orphan, &status) == 0) release_claim(members, status.st_ino);
}

void look_at_claims(struct members* members) {
  for (size_t i = members->claim_count; i-- > 0;) {
    claim* one = &members->claims[i];
    if (one->look_at > now()) continue;
    one->look_at = now() + CLAIM_INTERVAL;
    if (!descendants_have(one->inode)) release_claim(members, one->inode);
  }
}

int64_t claims_next(const struct members* members) {
  int64_t next = 0;
  for (size_t i = 0; i < members->claim_count; i++) {
    if (next == 0 || members->claims[i].look_at < next) next = members->claims[i].look_at;
  }
  return next;
}
