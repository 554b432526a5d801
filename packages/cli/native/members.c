/*
 * The listeners of the program, and the groups that they are in. For each
 * listener, this process is a member like those with @reuse: it has a name to
 * which they connect, says hello, and gives them a duplicate of the listener.
 * They serve what waits there when the program does not, and when it is gone.
 *
 * It does not hold their listeners, because it cannot serve: it tells them so.
 */
#include "members.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long an orphan is not offered again, in milliseconds. */
#define OFFER_TIME 500

/* How often to check whether connections are left waiting, in milliseconds. */
#define LOOK_INTERVAL 1000

/* As in core's messages.ts: no message is longer. */
#define MOST_TEXT 32768

struct members* open_members(const launch_options* options, const int* launcher) {
  struct members* members = calloc(1, sizeof *members);
  if (members == NULL) return NULL;
  members->options = options;
  members->launcher = launcher;
  init_steering(members);
  return members;
}

/* With the listener, if the other is to hold it. */
static bool say_hello(const struct members* members, const connection* to, bool with_listener) {
  const listener* one = &members->listeners[to->listener];
  char text[256];
  int length = snprintf(text, sizeof text, "hello %s -1 %s %s %llu any", one->id,
                        members->options->weight, members->policy,
                        (unsigned long long)members->sequence);
  if (length < 0 || (size_t)length >= sizeof text) return false;
  return send_with(to->socket, text, (size_t)length, with_listener ? one->socket : -1) == 0;
}

static bool add_connection(struct members* members, int socket, size_t index, bool initiated) {
  if (members->connection_count == MOST_CONNECTIONS || !is_own_user(socket)) return false;
  connection* added = &members->connections[members->connection_count];
  *added = (connection){
      .socket = socket, .listener = index, .initiated = initiated, .theirs = -1};
  members->connection_count++;
  return !initiated || say_hello(members, added, true);
}

static void drop_connection(struct members* members, size_t index) {
  connection* one = &members->connections[index];
  size_t of = one->listener;
  bool was_met = one->met;
  close(one->socket);
  if (one->theirs != -1) close(one->theirs);
  *one = members->connections[--members->connection_count];
  if (was_met && of < members->listener_count) steering_changed(members, of);
}

static void meet_all(struct members* members, size_t index) {
  const listener* own = &members->listeners[index];
  char start[MOST_START], name[MOST_NAME + MOST_START];
  snprintf(start, sizeof start, "reuse/1/%s/", own->key);
  FILE* names = fopen("/proc/net/unix", "re");
  if (names == NULL) return;
  while (next_name(names, start, name, sizeof name)) {
    int other;
    if (strcmp(name + strlen(start), own->id) == 0 || connect_to(name, &other) != 0) continue;
    size_t before = members->connection_count;
    if (add_connection(members, other, index, true)) continue;
    members->connection_count = before;
    close_aside(other);
  }
  fclose(names);
}

static listener* find_listener(struct members* members, uint64_t inode) {
  for (size_t i = 0; i < members->listener_count; i++) {
    if (members->listeners[i].inode == inode) return &members->listeners[i];
  }
  return NULL;
}

static void tell_launcher(const struct members* members, int kind, const listener* about) {
  supervisor_message message = {.kind = kind, .inode = about->inode};
  if (members->launcher == NULL || *members->launcher == -1) return;
  send_with(*members->launcher, &message, sizeof message,
            kind == SAY_JOINED ? about->endpoint : -1);
}

void members_keep_endpoint(struct members* members, uint64_t inode, int endpoint) {
  members_drop_endpoint(members, inode);
  if (members->kept_count == MOST_LISTENERS) close(endpoint);
  else members->kept[members->kept_count++] = (kept_endpoint){inode, endpoint};
}

/* Returns the endpoint; -1 if there is none. */
static int take_endpoint(struct members* members, uint64_t inode) {
  for (size_t i = 0; i < members->kept_count; i++) {
    if (members->kept[i].inode != inode) continue;
    int endpoint = members->kept[i].endpoint;
    members->kept[i] = members->kept[--members->kept_count];
    return endpoint;
  }
  return -1;
}

void members_drop_endpoint(struct members* members, uint64_t inode) {
  int endpoint = take_endpoint(members, inode);
  if (endpoint != -1) close(endpoint);
}

void members_drop_endpoints(struct members* members) {
  while (members->kept_count > 0) members_drop_endpoint(members, members->kept[0].inode);
}

/* Takes the endpoint that the supervisor had, with its name, or opens one. */
static int take_name(struct members* members, listener* one) {
  char name[256];
  one->endpoint = take_endpoint(members, one->inode);
  if (one->endpoint != -1) {
    int failure = name_of_endpoint(one->endpoint, name);
    const char* id = failure == 0 ? strrchr(name, '/') : NULL;
    if (id != NULL) snprintf(one->id, sizeof one->id, "%s", id + 1);
    else close(one->endpoint);
    return failure;
  }
  /* A number in addition to the pid: another PID namespace may have the same pid. */
  snprintf(one->id, sizeof one->id, "%llu.%d.%x%lx", (unsigned long long)one->inode, getpid(),
           members->names++, (long)now());
  snprintf(name, sizeof name, "reuse/1/%s/%s", one->key, one->id);
  return open_endpoint(name, &one->endpoint);
}

int join_group(struct members* members, int socket) {
  struct stat status;
  if (fstat(socket, &status) != 0) return errno;
  if (find_listener(members, status.st_ino) != NULL) return 0;
  if (members->listener_count == MOST_LISTENERS) return ENOSPC;
  listener added = {.inode = status.st_ino};
  int failure = make_key_of(socket, added.key, sizeof added.key);
  if (failure != 0) return failure;
  added.socket = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (added.socket == -1) return errno;
  /* First its own name, then the others': of two that join at the same time, one sees the other. */
  failure = take_name(members, &added);
  if (failure != 0) {
    close(added.socket);
    return failure;
  }
  members->listeners[members->listener_count++] = added;
  tell_launcher(members, SAY_JOINED, &added);
  release_claim(members, added.inode);
  meet_all(members, members->listener_count - 1);
  steering_changed(members, members->listener_count - 1);
  return 0;
}

size_t members_poll(struct members* members, struct pollfd* list, size_t room) {
  size_t count = 0;
  bool accepts = !has_many_closing() && members->accept_at <= now();
  for (size_t i = 0; accepts && i < members->listener_count && count < room; i++) {
    list[count++] = (struct pollfd){.fd = members->listeners[i].endpoint, .events = POLLIN};
  }
  for (size_t i = 0; i < members->connection_count && count < room; i++) {
    list[count++] = (struct pollfd){.fd = members->connections[i].socket, .events = POLLIN};
  }
  for (size_t i = 0; i < members->listener_count && count < room; i++) {
    const listener* one = &members->listeners[i];
    if (one->orphaned || one->look_at > now()) continue;
    list[count++] = (struct pollfd){.fd = one->socket, .events = POLLIN};
  }
  return count;
}

/* Accepts connections. Those of other users are closed unread. Such users can make a few closes
 * take long, but not more. */
static void accept_all(struct members* members, size_t index) {
  for (int i = 0; i < 16 && !has_many_closing(); i++) {
    int other = accept4(members->listeners[index].endpoint, NULL, NULL,
                        SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (other == -1) {
      /* Usually no descriptor is left: the endpoint would be ready all the time. */
      if (errno != EAGAIN) members->accept_at = now() + ACCEPT_PAUSE;
      return;
    }
    if (!add_connection(members, other, index, false)) close_aside(other);
  }
}

static bool begins_with(const char* text, const char* word) {
  size_t length = strlen(word);
  return strncmp(text, word, length) == 0 && (text[length] == ' ' || text[length] == '\0');
}

/* Gives an orphan to a process that is about to listen. */
static bool offer(struct members* members, const connection* to) {
  listener* one = &members->listeners[to->listener];
  char text[40];
  if (one->offered > now()) return send_with(to->socket, "none", 4, -1) == 0;
  one->offered = now() + OFFER_TIME;
  int length = snprintf(text, sizeof text, "orphan %llu", (unsigned long long)one->inode);
  return send_with(to->socket, text, (size_t)length, one->socket) == 0;
}

/* A process that is not a member asks for something; false if the connection is over. */
static bool hear_question(struct members* members, connection* from, const char* text) {
  if (begins_with(text, "take")) {
    if (members->listeners[from->listener].orphaned) return offer(members, from);
    return send_with(from->socket, "none", 4, -1) == 0;
  }
  if (begins_with(text, "about")) return say_hello(members, from, false);
  if (!begins_with(text, "steer")) return false;
  from->asks = steer_groups(members, text + strlen("steer "));
  return from->asks;
}

/* A member says who it is; false if the connection is over. */
static bool hear_hello(struct members* members, connection* from, const char* text,
                       int* attached) {
  const listener* own = &members->listeners[from->listener];
  char policy[MOST_WORD];
  unsigned long long sequence;
  int read = sscanf(text, "hello %63s %*s %23s %23s %llu", from->id, from->weight, policy,
                    &sequence);
  if (read != 4 || from->met) return false; /* A hello is said once, and first. */
  if (own->orphaned && strtoull(from->id, NULL, 10) == own->inode) {
    from->takes = true; /* It has taken the listener. */
    return false;
  }
  from->met = true;
  from->theirs = *attached;
  *attached = -1;
  hear_policy(members, policy, sequence);
  steering_changed(members, from->listener);
  if (!from->initiated && !say_hello(members, from, true)) return false;
  return send_with(from->socket, "full", 4, -1) == 0;
}

/* Hears a member; false if the connection is over. */
static bool hear_member(struct members* members, connection* from, const char* text) {
  char policy[MOST_WORD];
  unsigned long long sequence;
  if (begins_with(text, "holds")) {
    from->holds = true;
    /* The other member looks after the filter. */
    if (from->theirs != -1) close(from->theirs);
    from->theirs = -1;
  }
  if (begins_with(text, "full")) from->holds = false;
  if (sscanf(text, "policy %23s %llu", policy, &sequence) == 2) {
    hear_policy(members, policy, sequence);
  }
  return true;
}

/* Hears one message; false if the connection is over. */
static bool hear(struct members* members, connection* from) {
  static char text[MOST_TEXT + 1];
  int attached = -1;
  ssize_t length = receive_with(from->socket, text, MOST_TEXT, &attached);
  if (length == -1) return errno == EAGAIN || errno == EINTR;
  text[length] = '\0';
  bool goes_on = length > 0;
  if (goes_on && begins_with(text, "hello")) {
    goes_on = hear_hello(members, from, text, &attached);
  } else if (goes_on) {
    goes_on = from->met ? hear_member(members, from, text) : hear_question(members, from, text);
  }
  if (attached != -1) close(attached);
  return goes_on;
}

int64_t members_next(const struct members* members, bool with_arrangements) {
  int64_t next = members->accept_at > now() ? members->accept_at : 0;
  int64_t claims = claims_next(members);
  if (claims != 0 && (next == 0 || claims < next)) next = claims;
  for (size_t i = 0; i < members->listener_count; i++) {
    const listener* one = &members->listeners[i];
    if (!one->orphaned && one->look_at > now() && (next == 0 || one->look_at < next)) next = one->look_at;
    if (!with_arrangements || one->arrange_at == 0) continue;
    if (next == 0 || one->arrange_at < next) next = one->arrange_at;
  }
  return next;
}

/* Ends one membership. */
static void forget(struct members* members, size_t index) {
  tell_launcher(members, SAY_LEFT, &members->listeners[index]);
  for (size_t i = members->connection_count; i-- > 0;) {
    connection* one = &members->connections[i];
    if (one->listener == index) drop_connection(members, i);
  }
  close(members->listeners[index].endpoint);
  close(members->listeners[index].socket);
  size_t last = --members->listener_count;
  members->listeners[index] = members->listeners[last];
  for (size_t i = 0; i < members->connection_count; i++) {
    if (members->connections[i].listener == last) members->connections[i].listener = index;
  }
}

/* A program may close its listener and go on. This process still has it open, so connections would
 * wait there in vain: when some have waited for long, this checks whether the program still has it. */
static void look(struct members* members, size_t index, bool waits) {
  listener* one = &members->listeners[index];
  bool is_left = waits && one->waited && !descendants_have(one->inode);
  one->look_at = waits ? now() + LOOK_INTERVAL : 0;
  one->waited = waits;
  if (is_left) forget(members, index);
}

void members_hear(struct members* members, const struct pollfd* list, size_t count) {
  look_at_claims(members);
  for (size_t i = 0; i < count; i++) {
    for (size_t j = members->listener_count; j-- > 0;) {
      if (members->listeners[j].socket == list[i].fd) look(members, j, list[i].revents != 0);
    }
    if (list[i].revents == 0) continue;
    for (size_t j = 0; j < members->listener_count; j++) {
      if (members->listeners[j].endpoint == list[i].fd) accept_all(members, j);
    }
    for (size_t j = 0; j < members->connection_count; j++) {
      if (members->connections[j].socket != list[i].fd) continue;
      if (hear(members, &members->connections[j])) break;
      size_t taken = members->connections[j].listener;
      bool takes = members->connections[j].takes;
      drop_connection(members, j);
      if (takes) forget(members, taken);
      break;
    }
  }
}

size_t members_count(const struct members* members) {
  return members->listener_count;
}

bool members_orphan(struct members* members, bool is_alone) {
  bool found = false;
  for (size_t i = 0; i < members->listener_count; i++) {
    listener* one = &members->listeners[i];
    if (one->orphaned || (!is_alone && descendants_have(one->inode))) continue;
    one->orphaned = true;
    found = true;
  }
  return found;
}

static bool is_held(const struct members* members, size_t index) {
  for (size_t i = 0; i < members->connection_count; i++) {
    if (members->connections[i].listener == index && members->connections[i].holds) return true;
  }
  return false;
}

/* How many listeners a port has; 2 if that cannot be known. */
static size_t count_listeners(uint16_t port) {
  static const char* const files[] = {"/proc/net/tcp", "/proc/net/tcp6"};
  char line[512];
  size_t found = 0;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    FILE* list = fopen(files[i], "re");
    if (list == NULL) continue;
    while (fgets(line, sizeof line, list) != NULL) {
      unsigned int local, state;
      /* The number, the local address and port, the other's, the state: 0A for one that listens. */
      if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &local, &state) != 2) continue;
      if (local == port && state == 0x0A) found++;
    }
    fclose(list);
  }
  return found == 0 ? 2 : found;
}

size_t members_replaceable(const struct members* members, int* listeners, size_t room) {
  size_t count = 0;
  for (size_t i = 0; i < members->listener_count && count < room; i++) {
    socket_address address;
    socklen_t size = sizeof address;
    int socket = members->listeners[i].socket;
    if (getsockname(socket, &address.any, &size) != 0) continue;
    if (count_listeners(port_of(&address)) < 2) continue;
    int duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (duplicate != -1) listeners[count++] = duplicate;
  }
  return count;
}

void members_leave(struct members* members) {
  while (members->listener_count > 0) forget(members, members->listener_count - 1);
}

void members_leave_orphans(struct members* members) {
  for (size_t i = members->listener_count; i-- > 0;) {
    if (members->listeners[i].orphaned) forget(members, i);
  }
}

void members_release_held(struct members* members) {
  for (size_t i = members->listener_count; i-- > 0;) {
    if (members->listeners[i].orphaned && is_held(members, i)) forget(members, i);
  }
}
