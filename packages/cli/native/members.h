/* What the files that know about groups share: members.c, steering.c, orphan.c, claim.c, endpoint.c
 * and group_name.c. */
#ifndef REUSE_MEMBERS_H
#define REUSE_MEMBERS_H

#include "launcher.h"

#include <stdio.h>

#define MOST_KEY 128
#define MOST_START 160

#define MOST_ID 64
#define MOST_WORD 24

typedef struct {
  int socket;
  int endpoint;
  uint64_t inode;
  char key[MOST_KEY];
  char id[MOST_ID];
  int64_t look_at; /* Whether something waits is not checked before this time. */
  bool waited;     /* Something was waiting at the last check. */
  int64_t arrange_at; /* When its group's filter is to be looked after; 0 for never. */
  bool steered;       /* A filter of this process' own is on its group. */
  bool orphaned;   /* The program has crashed, and none of its processes has it. */
  int64_t offered; /* It is not offered again before this time: its new owner says hello first. */
} listener;

typedef struct {
  int socket;
  size_t listener;
  bool initiated; /* This process has made the connection. */
  bool met;       /* The other has said hello. */
  bool takes;     /* The other has the listener now. */
  bool holds;     /* The other holds the listener, and serves it when nobody else does. */
  bool asks;      /* The other is not a member, and waits until the group is steered. */
  int theirs;     /* A duplicate of the other's listener, which identifies it; or -1. */
  char id[MOST_ID];
  char weight[MOST_WORD];
} connection;

/* An orphan that the program has but has not listened on yet. */
typedef struct {
  uint64_t inode;
  int lock; /* The socket that is the right to take it. */
  int64_t look_at;
} claim;

/* An endpoint that the launcher has in addition to the supervisor. */
typedef struct {
  uint64_t inode;
  int endpoint;
} kept_endpoint;

struct members {
  const launch_options* options;
  const int* launcher;
  kept_endpoint kept[MOST_LISTENERS];
  size_t kept_count;
  listener listeners[MOST_LISTENERS];
  size_t listener_count;
  connection connections[MOST_CONNECTIONS];
  size_t connection_count;
  claim claims[MOST_LISTENERS];
  size_t claim_count;
  uint32_t names;
  int64_t accept_at; /* No connection is accepted before this time. */
  char policy[MOST_WORD];
  uint64_t sequence; /* How new the policy is: the highest counts. */
};

/* ---- group_name.c ----------------------------------------------------------- */

/* The name of the group of an address. */
int make_key(const socket_address* address, bool ipv6_only, char* key, size_t size);
int make_key_of(int socket, char* key, size_t size);

/* The next name in /proc/net/unix that begins with `start`; false at the end. */
bool next_name(FILE* names, const char* start, char* name, size_t size);

/* ---- endpoint.c -------------------------------------------------------------- */

/* The name of an endpoint; the caller provides room for MOST_NAME. */
int name_of_endpoint(int endpoint, char* name);

/* Connects at once, or fails. */
int connect_to(const char* name, int* result);

/* ---- claim.c ----------------------------------------------------------------- */

/* Claims an orphan, unless another process has it or is about to listen on it; returns whether it
 * could. `giver` is the name of the member that offers it. */
bool claim_orphan(struct members* members, const char* key, uint64_t inode, const char* giver);

/* Call this when a member's name tells whose the orphan is, or nobody takes it. */
void release_claim(struct members* members, uint64_t inode);

/* Releases the claims to orphans that no descendant has any longer. */
void look_at_claims(struct members* members);

/* When that is to be done; 0 for never. */
int64_t claims_next(const struct members* members);

/* ---- steering.c -------------------------------------------------------------- */

/* Begins with what the options say. */
void init_steering(struct members* members);

/* Something that a group's filter depends on has changed. */
void steering_changed(struct members* members, size_t index);

/* Hears of a policy; if it is newer than the known one, it becomes the group's. */
void hear_policy(struct members* members, const char* policy, uint64_t sequence);

/* Gives the groups another policy, for a process that is not a member; false if it is not a policy. */
bool steer_groups(struct members* members, const char* policy);

#endif
