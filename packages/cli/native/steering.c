/*
 * Who gets new connections, if no member with @reuse looks after that: the
 * supervisor whose id comes first has the helper attach a filter when weights
 * or a policy require one, and again when a member joins or leaves.
 */
#include "members.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long to wait for more changes, in milliseconds. */
#define ARRANGE_DELAY 50

/* A policy is as new as the request for it, in milliseconds since 1970. */
static uint64_t sequence_of_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

void init_steering(struct members* members) {
  char steering = members->options->steering;
  members->policy[0] = steering == 0 ? 'h' : steering;
  members->sequence = steering == 0 ? 0 : sequence_of_now();
}

/* A keeper holds the listeners of all members and serves none: it has no socket of its own, which
 * its id says. */
static bool is_keeper(const connection* one) {
  return strncmp(one->id, "0.", 2) == 0;
}

static bool is_of(const connection* one, size_t index) {
  return one->listener == index && one->met && !is_keeper(one);
}

/* Whether this process is the one that looks after the filter. */
static bool is_steerer(const struct members* members, size_t index) {
  for (size_t i = 0; i < members->connection_count; i++) {
    const connection* one = &members->connections[i];
    if (!is_of(one, index)) continue;
    if (one->holds || strcmp(one->id, members->listeners[index].id) < 0) return false;
  }
  return !members->listeners[index].orphaned;
}

/* Whether the kernel's own choice is not what the group should have. */
static bool needs_filter(const struct members* members, size_t index) {
  if (strcmp(members->policy, "h") != 0 || members->listeners[index].steered) return true;
  if (strcmp(members->options->weight, "1") != 0) return true;
  for (size_t i = 0; i < members->connection_count; i++) {
    const connection* one = &members->connections[i];
    if (is_of(one, index) && strcmp(one->weight, "1") != 0) return true;
  }
  return false;
}

void steering_changed(struct members* members, size_t index) {
  listener* one = &members->listeners[index];
  one->arrange_at = needs_filter(members, index) ? now() + ARRANGE_DELAY : 0;
}

static void all_changed(struct members* members) {
  for (size_t i = 0; i < members->listener_count; i++) steering_changed(members, i);
}

void hear_policy(struct members* members, const char* policy, uint64_t sequence) {
  if (sequence <= members->sequence) return;
  snprintf(members->policy, sizeof members->policy, "%s", policy);
  members->sequence = sequence;
  all_changed(members);
}

bool steer_groups(struct members* members, const char* policy) {
  /* The policies of TCP: a handshake has no payload. */
  if (strlen(policy) != 1 || strchr("hrsc", *policy) == NULL) return false;
  uint64_t sequence = sequence_of_now();
  if (sequence <= members->sequence) sequence = members->sequence + 1;
  /* Even if the filter of the group was somebody else's. */
  for (size_t i = 0; i < members->listener_count; i++) members->listeners[i].steered = true;
  hear_policy(members, policy, sequence);
  char text[64];
  int length = snprintf(text, sizeof text, "policy %s %llu", policy,
                        (unsigned long long)sequence);
  for (size_t i = 0; i < members->connection_count; i++) {
    const connection* one = &members->connections[i];
    if (one->met) send_with(one->socket, text, (size_t)length, -1);
  }
  return true;
}

/* Answers those who have asked for another policy. */
static void answer_askers(struct members* members, size_t index, const char* text) {
  for (size_t i = 0; i < members->connection_count; i++) {
    connection* one = &members->connections[i];
    if (one->listener != index || !one->asks) continue;
    send_with(one->socket, text, strlen(text), -1);
    one->asks = false;
  }
}

bool members_arrangement(struct members* members, arrangement* result) {
  for (size_t index = 0; index < members->listener_count; index++) {
    listener* own = &members->listeners[index];
    if (own->arrange_at == 0 || own->arrange_at > now()) continue;
    own->arrange_at = 0;
    if (!is_steerer(members, index)) {
      answer_askers(members, index, "done"); /* The process that looks after the filter has been told. */
      continue;
    }
    *result = (arrangement){.policy = members->policy, .inode = own->inode};
    result->listeners[result->count] = own->socket;
    result->weights[result->count++] = members->options->weight;
    for (size_t i = 0; i < members->connection_count && result->count < MOST_PASSED; i++) {
      const connection* one = &members->connections[i];
      if (!is_of(one, index) || one->theirs == -1) continue;
      result->listeners[result->count] = one->theirs;
      result->weights[result->count++] = one->weight;
    }
    own->steered = true;
    return true;
  }
  return false;
}

void members_arranged(struct members* members, uint64_t inode, bool is_done) {
  for (size_t i = 0; i < members->listener_count; i++) {
    if (members->listeners[i].inode != inode) continue;
    answer_askers(members, i, is_done ? "done" : "failed the filter could not be attached");
    if (!is_done) continue;
    members->listeners[i].steered = false;
    members->listeners[i].steered = needs_filter(members, i);
  }
}
