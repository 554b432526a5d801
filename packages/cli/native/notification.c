/*
 * Answers what the program's threads ask: whether they may bind, listen and
 * connect.
 *
 * What a thread passes to a call can be changed by another thread while we look
 * at it. So nothing is checked and then read again: the descriptor is
 * duplicated and the address copied once, and we use only these copies. A bind
 * that stays where it is needs only the option, which a program may set itself:
 * the kernel goes on with it, with the program's own rights and in its own
 * sandbox, whatever has been changed meanwhile. A bind that moves is made by us
 * and answered with its result, but only for a process that may do everything
 * that we may.
 */
#include "launcher.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An answer: the kernel goes on, or the call has ended with 0 or this errno. */
typedef struct {
  bool goes_on;
  int failure;
  uint64_t bound; /* The socket that has been bound for the program; 0 for none. */
} answer;

static const answer go_on = {.goes_on = true};

static answer done(int failure) {
  return (answer){.failure = failure};
}

/* Binds that have been made on kernels where a signal can end the wait of the thread that asks: it
 * does not see the answer, although that may have been sent, and asks again. A program that itself
 * binds such a socket twice is told once that the second bind is done. */
#define MOST_MADE 64
static uint64_t made[MOST_MADE];

static void note_made(uint64_t inode) {
  static size_t next = 0;
  if (inode != 0 && !outwaits_signals()) made[next++ % MOST_MADE] = inode;
}

/* Whether the thread asks again for a bind that has been made. */
static bool is_bound_already(int socket) {
  uint64_t inode = inode_of(socket);
  for (size_t i = 0; i < MOST_MADE; i++) {
    if (inode == 0 || made[i] != inode) continue;
    made[i] = 0;
    return true;
  }
  return false;
}

/* Options that a program sets before it binds, and that its connections inherit. */
static const struct {
  int level;
  int name;
} kept_options[] = {
    {SOL_SOCKET, SO_KEEPALIVE},      {SOL_SOCKET, SO_RCVBUF},       {SOL_SOCKET, SO_SNDBUF},
    {IPPROTO_TCP, TCP_NODELAY},      {IPPROTO_TCP, TCP_KEEPIDLE},   {IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, TCP_KEEPCNT},      {IPPROTO_TCP, TCP_DEFER_ACCEPT}, {IPPROTO_TCP, TCP_FASTOPEN},
    {IPPROTO_TCP, TCP_USER_TIMEOUT},
};

/* Gives an orphan the settings that the program has given its own socket. */
static int copy_settings(int from, int to) {
  int flags = fcntl(from, F_GETFL);
  int before = fcntl(to, F_GETFL);
  if (flags == -1 || before == -1) return errno;
  if (fcntl(to, F_SETFL, (before & ~O_NONBLOCK) | (flags & O_NONBLOCK)) == -1) return errno;
  for (size_t i = 0; i < sizeof kept_options / sizeof *kept_options; i++) {
    int value, other;
    socklen_t size = sizeof value, other_size = sizeof other;
    if (getsockopt(from, kept_options[i].level, kept_options[i].name, &value, &size) != 0) continue;
    if (getsockopt(to, kept_options[i].level, kept_options[i].name, &other, &other_size) != 0 ||
        other == value) {
      continue;
    }
    /* The kernel doubles the sizes of buffers that it is given; socket(7). */
    bool is_doubled = kept_options[i].name == SO_RCVBUF || kept_options[i].name == SO_SNDBUF;
    if (kept_options[i].level == SOL_SOCKET && is_doubled) value /= 2;
    setsockopt(to, kept_options[i].level, kept_options[i].name, &value, size);
  }
  return 0;
}

/* Gives the process that asks another socket in place of its own. */
static bool replace_socket(int listener, const struct seccomp_notif* asked, int socket,
                           bool on_exec) {
  struct seccomp_notif_addfd added = {
      .id = asked->id,
      .flags = SECCOMP_ADDFD_FLAG_SETFD,
      .srcfd = (uint32_t)socket,
      .newfd = (uint32_t)asked->data.args[0],
      .newfd_flags = on_exec ? O_CLOEXEC : 0,
  };
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added) >= 0;
}

/* Puts a listener whose program is gone in place of the socket that is to be bound, so that what
 * waits there is served. Linux 5.9. Returns its inode; 0 if there is none, or it cannot be done. */
static uint64_t put_orphan(int listener, const struct seccomp_notif* asked, int socket,
                       const bind_decision* decision, bool ipv6_only,
                       const launch_options* options, struct members* members) {
  int orphan, descriptor = (int)asked->data.args[0];
  registrations waiting = {.count = 0};
  if (take_orphan(members, &decision->address, ipv6_only, &orphan) != 0) return 0;
  bool on_exec = closes_on_exec((pid_t)asked->pid, descriptor);
  int failure = find_registrations(process_of((pid_t)asked->pid), descriptor, socket, orphan,
                                   &waiting);
  if (failure == 0) failure = copy_settings(socket, orphan);
  bool is_put = failure == 0 && replace_socket(listener, asked, orphan, on_exec);
  if (is_put && !register_again(&waiting, orphan, descriptor)) {
    is_put = false;
    replace_socket(listener, asked, socket, on_exec); /* The process still waits for this one. */
  }
  close_registrations(&waiting);
  if (failure == EBUSY) {
    explain(options, "process %u has duplicates of its socket, and cannot take over a listener",
            asked->pid);
  }
  if (!is_put) members_release_orphan(members, orphan);
  uint64_t inode = is_put ? inode_of(orphan) : 0;
  close(orphan);
  return inode;
}

/* Whether a process has the port without sharing it: tried with a socket that never listens. */
static bool is_refused(const socket_kind* kind, const bind_decision* decision) {
  int only = kind->ipv6_only;
  int trial = socket(kind->domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (trial == -1) return false;
  bool refused = share_socket(trial, kind) == 0 &&
                 (kind->domain == AF_INET ||
                  setsockopt(trial, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0) &&
                 bind(trial, &decision->address.any, decision->length) != 0 && errno == EADDRINUSE;
  close(trial);
  return refused;
}

/* What a call is about: a socket with a port, and an address to which it can be bound. For any
 * other call, the kernel says best what is wrong. */
static bool read_wanted(const struct seccomp_notif* asked, int socket, socket_kind* kind,
                        socket_address* wanted) {
  socklen_t length = (socklen_t)asked->data.args[2];
  return is_of_port(socket, kind) &&
         read_address((pid_t)asked->pid, asked->data.args[1], length, wanted) == 0 &&
         is_address_of(kind, &wanted->any, length);
}

static answer answer_bind(int listener, const struct seccomp_notif* asked, int socket,
                          const launch_options* options, struct members* members) {
  socket_kind kind;
  socket_address wanted;
  socklen_t length = (socklen_t)asked->data.args[2];
  if (!read_wanted(asked, socket, &kind, &wanted)) return go_on;
  if (length > sizeof wanted) length = sizeof wanted;

  bind_decision decision = decide_bind(options, &wanted, length, kind.ipv6_only);
  if (!decision.shares) return go_on;
  if (is_bound_already(socket)) return done(0);
  uint16_t port = port_of(&decision.address);
  if (decision.unfit) {
    complain("process %u binds port %u with an %s socket, which cannot have the address of --address:"
             " it is bound where the program wants it", asked->pid, port,
             kind.domain == AF_INET ? "IPv4" : "IPv6-only");
  }
  int failure = share_socket(socket, &kind);
  if (failure != 0) {
    explain(options, "port %u cannot be shared: %s", port, strerror(failure));
    return go_on;
  }
  bool is_tcp = kind.type == SOCK_STREAM;
  bool is_equal = has_equal_rights((pid_t)asked->pid);
  /* Otherwise what this process sees of the port is in another namespace, or more than the socket
   * is for: then the socket shares, and nothing else is done. */
  bool is_here = has_own_network((pid_t)asked->pid) && !is_of_device(socket);
  /* An orphan is a TCP socket, never an MPTCP socket. */
  if (kind.protocol == IPPROTO_TCP && is_equal && is_here) {
    uint64_t orphan =
        put_orphan(listener, asked, socket, &decision, kind.ipv6_only, options, members);
    if (orphan != 0) {
      explain(options, "process %u takes over a listener of port %u", asked->pid, port);
      return (answer){.bound = orphan};
    }
  }
  if (!decision.moved) {
    explain(options, "process %u binds %s port %u, which it shares", asked->pid,
            is_tcp ? "TCP" : "UDP", port);
    if (is_tcp && is_here && is_refused(&kind, &decision)) {
      explain_use(options, &decision.address);
    }
    return go_on;
  }
  if (!is_equal) {
    explain(options, "process %u does not have the same rights as this process: its bind is not"
            " moved", asked->pid);
    return go_on;
  }
  failure = bind(socket, &decision.address.any, decision.length) == 0 ? 0 : errno;
  explain(options, "process %u binds %s port %u instead of %u: %s", asked->pid,
          is_tcp ? "TCP" : "UDP", port, port_of(&wanted),
          failure == 0 ? "shared" : strerror(failure));
  if (is_tcp && is_here && failure == EADDRINUSE) explain_use(options, &decision.address);
  return failure == 0 ? (answer){.bound = inode_of(socket)} : done(failure);
}

static answer answer_listen(const struct seccomp_notif* asked, int socket,
                            const launch_options* options, struct members* members) {
  if (!is_shared_listener(socket, options) || !has_own_network((pid_t)asked->pid)) return go_on;
  if (listen(socket, (int)asked->data.args[1]) != 0) return done(errno);
  if (members != NULL) {
    int failure = join_group(members, socket);
    if (failure != 0) {
      explain(options, "a listener is shared, but it could not join its group: %s",
              strerror(failure));
    }
  }
  return done(0);
}

/* Gives an outgoing connection its address, and lets it go on: whatever is changed meanwhile, it is
 * the program's own connection. */
static answer answer_connect(const struct seccomp_notif* asked, int socket,
                             const launch_options* options) {
  socket_kind kind;
  socket_address wanted;
  if (!read_wanted(asked, socket, &kind, &wanted)) return go_on;
  int failure = bind_source(socket, &kind, &wanted, options);
  if (failure == 0) return go_on;
  explain(options, "an outgoing connection cannot have the address: %s", strerror(failure));
  return done(failure);
}

static answer find_answer(int listener, const struct seccomp_notif* asked,
                          const launch_options* options, struct members* members) {
  int socket;
  int failure = take_descriptor((pid_t)asked->pid, (int)asked->data.args[0], &socket);
  if (failure != 0) {
    if (failure != EBADF) {
      explain(options, "the socket of process %u cannot be taken: %s; it is not shared",
              asked->pid, strerror(failure));
    }
    return go_on;
  }
  answer result = go_on;
  /* The thread that asked may have ended, and another process may have its pid by now. */
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &asked->id) == 0) {
    if (asked->data.nr == SYS_bind) {
      result = answer_bind(listener, asked, socket, options, members);
    } else if (asked->data.nr == SYS_listen) {
      result = answer_listen(asked, socket, options, members);
    } else if (asked->data.nr == SYS_connect) {
      result = answer_connect(asked, socket, options);
    }
  }
  close(socket);
  return result;
}

int answer_notification(int listener, const launch_options* options, struct members* members) {
  /* The kernel's structures may be longer than ours. */
  struct seccomp_notif_sizes sizes;
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) return errno;
  if (sizes.seccomp_notif < sizeof(struct seccomp_notif)) return ENOSYS;
  if (sizes.seccomp_notif_resp < sizeof(struct seccomp_notif_resp)) return ENOSYS;
  struct seccomp_notif* asked = calloc(1, sizes.seccomp_notif);
  struct seccomp_notif_resp* response = calloc(1, sizes.seccomp_notif_resp);
  int failure = 0;
  if (asked == NULL || response == NULL) {
    failure = ENOMEM;
  } else if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, asked) != 0) {
    failure = errno;
  } else {
    answer result = find_answer(listener, asked, options, members);
    response->id = asked->id;
    response->error = -result.failure;
    if (result.goes_on) response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    note_made(result.bound);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) != 0) failure = errno;
  }
  free(asked);
  free(response);
  return failure;
}
