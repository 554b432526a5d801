/* What the files share that know of groups: members.c, steering.c, orphan.c, claim.c, endpoint.c and
 * group_name.c. */
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
  int64_t look_at; /* It is not looked before this time whether something waits. */
  bool waited;     /* Something did at the last look. */
  int64_t arrange_at; /* When its group's filter is to be looked after; 0 for never. */
  bool steered;       /* A filter of this process' own is on its group. */
  bool orphaned;   /* The program has crashed, and none of its processes has it. */
  int64_t offered; /* Until then it is not offered again: whoever has it says hello first. */
} listener;

typedef struct {
  int socket;
  size_t listener;
  bool initiated; /* This process has connected. */
  bool met;       /* The other has said hello. */
  bool takes;     /* The other has the listener now. */
  bool holds;     /* The other holds the listener, and serves it when nobody else does. */
  bool asks;      /* Somebody who is no member, and waits until the group is steered. */
  int theirs;     /* A duplicate of the other's listener, by which it is told apart; or -1. */
  char id[MOST_ID];
  char weight[MOST_WORD];
} connection;

/* An orphan that the program has, and has not listened on yet. */
typedef struct {
  uint64_t inode;
  int lock; /* The socket that is the right to take it. */
  int64_t look_at;
} claim;

/* An endpoint that the launcher has beside the supervisor. */
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
  int64_t accept_at; /* Nobody who connects is taken before this time. */
  char policy[MOST_WORD];
  uint64_t sequence; /* How new the policy is: the highest counts. */
};

/* ---- group_name.c ----------------------------------------------------------- */

/* The name of the group of an address. */
int make_key(const socket_address* address, bool ipv6_only, char* key, size_t size);
int make_key_of(int socket, char* key, size_t size);

/* The next of the names in /proc/net/unix that begin so; false at the end. */
bool next_name(FILE* names, const char* start, char* name, size_t size);

/* ---- endpoint.c -------------------------------------------------------------- */

/* The name of an endpoint; the caller gives the room of MOST_NAME. */
int name_of_endpoint(int endpoint, char* name);

/* Connects at once, or fails. */
int connect_to(const char* name, int* result);

/* ---- claim.c ----------------------------------------------------------------- */

/* Whether nobody else has an orphan, or is about to listen on it. `giver` is the name of whoever offers
 * it. */
bool claim_orphan(struct members* members, const char* key, uint64_t inode, const char* giver);

/* A member's name tells whose it is, or nobody takes it. */
void release_claim(struct members* members, uint64_t inode);

/* Releases what no descendant has any more. */
void look_at_claims(struct members* members);

/* When that is to be done; 0 for never. */
int64_t claims_next(const struct members* members);

/* ---- steering.c -------------------------------------------------------------- */

/* Begins with what the options say. */
void init_steering(struct members* members);

/* Something has changed on which a group's filter depends. */
void steering_changed(struct members* members, size_t index);

/* Hears of a policy; a newer one than the one that is known is the group's. */
void hear_policy(struct members* members, const char* policy, uint64_t sequence);

/* Gives the groups another policy for somebody who is no member; false for what is none. */
bool steer_groups(struct members* members, const char* policy);

#endif
