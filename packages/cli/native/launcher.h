/*
 * reuse-exec: starts a program whose binds share their ports, and that leaves
 * them without losing a connection.
 *
 * Three processes: the launcher, which its caller sees; its child, the
 * supervisor, which answers the program's binds; and the supervisor's child,
 * the program. Each of the first two takes over if the other is killed.
 *
 * Every function that returns an int returns 0 or an errno unless it says
 * something else.
 */
#ifndef REUSE_LAUNCHER_H
#define REUSE_LAUNCHER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Exit codes as a shell gives them. */
#define EXIT_USAGE 2
#define EXIT_UNSUPPORTED 3
#define EXIT_FAILED 125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* ---- options.c ------------------------------------------------------------ */

#define MOST_PORTS 64

typedef union {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} socket_address;

/* What the command line says. The `reuse` command has checked it. */
typedef struct {
  uint16_t ports[MOST_PORTS]; /* Those that share; none means every port. */
  size_t port_count;
  struct {
    uint16_t from;
    uint16_t to;
  } maps[MOST_PORTS];
  size_t map_count;
  socket_address address; /* Where binds are moved to; family 0 for nowhere. */
  socket_address source;  /* Of outgoing connections; family 0 for none. */
  const char* weight;     /* As members send it to each other. */
  char steering;          /* The policy, as members send it: its first letter; 0 for none. */
  int leave_timeout;      /* Milliseconds. */
  int drain;              /* The same: how long connections that it has accepted may go on. */
  int stop_signal;        /* What the program gets in place of SIGTERM. */
  bool verbose;
  bool ends_with_parent; /* A Node process is above it, and is the one that would be killed. */
  enum { ANY_MECHANISM, SECCOMP, PRELOAD } mechanism;
  const char* preload; /* The preload library; NULL for none. */
  const char* node;   /* The Node that runs the helper; NULL for none. */
  const char* helper; /* A script for what this program cannot do itself. */
  char** command;
  char** arguments; /* All arguments, */
  int setting_count; /* and how many come before the command. */
} launch_options;

/* Reads the arguments before the command. */
int parse_settings(int count, char** arguments, launch_options* result);

/* Reads all arguments. Unless it returns 0, it has said on stderr what is wrong. */
int parse_options(int count, char** arguments, launch_options* result);

/* Where a bind goes. */
typedef struct {
  bool shares;
  bool moved;
  bool unfit; /* The address of the options is not one that such a socket can have. */
  socket_address address;
  socklen_t length;
} bind_decision;

/* Decides where a bind goes; a pure function. */
bind_decision decide_bind(const launch_options* options, const socket_address* wanted,
                          socklen_t length, bool ipv6_only);

/* Whether the options name this port, or name no port at all. */
bool is_chosen_port(const launch_options* options, uint16_t port);

uint16_t port_of(const socket_address* address);

/* Gives an address the host of another one. An IPv4 host becomes `::ffff:` for an IPv6 socket,
 * unless the socket is for IPv6 only. Returns false if it does not fit. */
bool set_address(socket_address* address, const socket_address* other, bool ipv6_only);

/* ---- sharing.c ------------------------------------------------------------ */

typedef struct {
  int domain;
  int type;
  int protocol;
  bool ipv6_only;
} socket_kind;

/* Whether a socket is one of TCP, MPTCP or UDP over IPv4 or IPv6: others have no ports to share. */
bool is_of_port(int socket, socket_kind* kind);

/* Whether an address is one to which such a socket can be bound. */
bool is_address_of(const socket_kind* kind, const struct sockaddr* address, socklen_t length);

int share_socket(int socket, const socket_kind* kind);

/* Whether a socket is for one network device only (SO_BINDTODEVICE): it is in no group with others
 * of its port. */
bool is_of_device(int socket);

/* The number by which the kernel's lists identify a socket; 0 if that cannot be known. */
uint64_t inode_of(int socket);

/* Whether a socket is a TCP socket that shares its port, or will when it listens, and that may be
 * in a group: its port is one of those that are to be shared. An MPTCP socket may not be: the
 * kernel attaches no filter through it. */
bool is_shared_listener(int socket, const launch_options* options);

/* Gives a connection to `wanted` the source address of the options, unless it has an address
 * already or `wanted` is of the other IP version. */
int bind_source(int socket, const socket_kind* kind, const socket_address* wanted,
                const launch_options* options);

/* ---- preload/preload.c ---------------------------------------------------- */

/* In the environment of the program: the options, and where listeners are reported. */
#define PRELOAD_OPTIONS "REUSE_EXEC_OPTIONS"
#define PRELOAD_CHANNEL "REUSE_EXEC_CHANNEL"

/* ---- complain.c --------------------------------------------------------------- */

/* A line on stderr: `reuse exec: ...`. */
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));

/* The same if --verbose asks for it. */
void explain(const launch_options* options, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says which process has a TCP port without sharing it: once in a while, and for one port at a
 * time, because it takes a Node process. */
void explain_use(const launch_options* options, const socket_address* address);

/* Call this when a child has been waited for: it may be the one that explains. */
void explainer_ended(pid_t pid);
bool is_explaining(void);
void stop_explaining(void);

/* ---- filter.c ------------------------------------------------------------- */

/* Makes this process and all that it starts ask before they bind, listen and, if outgoing
 * connections are given an address, connect. `*listener` is the descriptor on which they ask. */
int install_filter(bool with_connect, int* listener);

/* Whether a thread that has asked waits for the answer, whatever signals come meanwhile; Linux
 * 5.19. */
bool outwaits_signals(void);

/* ---- notification.c ------------------------------------------------------- */

struct members;

/* Answers one question. `members` is NULL if nobody is told of listeners. ENOENT: the thread that
 * asked is gone, which is not a failure. */
int answer_notification(int listener, const launch_options* options, struct members* members);

/* ---- target.c: the process that asks --------------------------------------- */

/* Takes a duplicate of a descriptor of a thread's process. */
int take_descriptor(pid_t thread, int descriptor, int* result);

/* Whether a descriptor of a thread is closed when it executes another program. */
bool closes_on_exec(pid_t thread, int descriptor);

/* Reads an address in a thread's memory; `length` is what the thread says. */
int read_address(pid_t thread, uint64_t where, uint64_t length, socket_address* result);

/* The process of a thread; 0 and errno if it cannot be known. */
pid_t process_of(pid_t thread);

/* The parent of a process; 0 if the process has ended. */
pid_t parent_of(pid_t process);

/* Whether a process has ended, even if nobody has waited for it yet. */
bool has_ended(pid_t process);

/* Whether a thread's sockets are in the network namespace of this process; in another namespace,
 * all ports are different ones. */
bool has_own_network(pid_t thread);

/* Whether a thread has the same rights as this process, as far as user, groups, capabilities and
 * the user namespace tell. */
bool has_equal_rights(pid_t thread);

/* ---- epoll.c ---------------------------------------------------------------- */

#define MOST_REGISTRATIONS 16

/* Where a process waits by epoll for the socket that is replaced, and for the one that replaces it. */
typedef struct {
  struct registration {
    int epoll; /* A duplicate of the process' descriptor. */
    int number; /* The number of the socket's descriptor. */
    uint32_t events;
    uint64_t data;
    bool is_old; /* It is for the other socket, which the process has closed. */
  } list[MOST_REGISTRATIONS];
  size_t count;
} registrations;

/* Finds the registrations before a process gets another socket as this descriptor. EBUSY: the
 * socket that is there cannot be replaced, because that process or another one has another
 * descriptor of it too. */
int find_registrations(pid_t process, int descriptor, int socket, int other,
                       registrations* result);

/* Registers the other socket, which the process has now, as the first one was. */
bool register_again(const registrations* list, int other, int descriptor);

void close_registrations(registrations* list);

/* ---- descendants.c ---------------------------------------------------------- */

/* Whether a descendant of this process has a socket open; also true if that cannot be known. */
bool descendants_have(uint64_t inode);

/* The same for all descendants but one. */
bool others_have(pid_t process, uint64_t inode);

/* Joins the groups of the listeners that descendants of this process have. */
void join_groups_of_descendants(struct members* members, const launch_options* options);

/* Sends a signal to the children of this process, except these. */
void signal_children(int signal, const pid_t* spared, size_t count);

/* ---- the launcher and the supervisor ------------------------------------------ */

/* What the launcher and the supervisor say to each other. */
typedef struct {
  enum supervisor_verb {
    SAY_STARTED,      /* With the descriptor on which the program asks; the pid. */
    SAY_NOT_STARTED,  /* An errno. */
    SAY_REFUSED,      /* The mechanism was refused; an errno. */
    SAY_SIGNAL,       /* The launcher has got a signal. */
    SAY_EXITED,       /* The program has exited; its wait status. */
    SAY_JOINED,       /* With the endpoint of a listener's group; the listener. */
    SAY_LEFT,         /* The same listener. */
  } kind;
  int value;
  uint64_t inode;
  bool ends; /* The supervisor ends too: no process is left. */
} supervisor_message;

/* ---- members.c: groups ------------------------------------------------------ */

/* Joins the group of a listener of the program, and holds the listener too. */
int join_group(struct members* members, int listener);

/* `launcher` is where the supervisor reaches the launcher, so that the launcher has the endpoints
 * too; NULL in the launcher. */
struct members* open_members(const launch_options* options, const int* launcher);

/* In the launcher: keeps the endpoint of a listener, so that its name does not disappear if the
 * supervisor is killed; or no longer keeps it. */
void members_keep_endpoint(struct members* members, uint64_t inode, int endpoint);
void members_drop_endpoint(struct members* members, uint64_t inode);

/* Drops all endpoints that are still kept. */
void members_drop_endpoints(struct members* members);

#define MOST_LISTENERS 32
#define MOST_CONNECTIONS 512

/* For each listener, its endpoint and the listener itself. */
#define MOST_POLLED (MOST_CONNECTIONS + 2 * MOST_LISTENERS)

#define MOST_NAME 108
struct pollfd;

/* Adds what the members wait for; returns how many. */
size_t members_poll(struct members* members, struct pollfd* list, size_t room);
void members_hear(struct members* members, const struct pollfd* list, size_t count);

/* How many listeners are passed to a helper at most. */
#define MOST_PASSED 64

/* Listeners of a group, and how it is to be steered. */
typedef struct {
  uint64_t inode; /* Of the first listener, which is the program's own. */
  const char* policy;
  int listeners[MOST_PASSED];
  const char* weights[MOST_PASSED];
  size_t count;
} arrangement;

/* A group whose filter is to be attached now; false if there is none. */
bool members_arrangement(struct members* members, arrangement* result);

/* The filter is attached, or attaching it has failed. */
void members_arranged(struct members* members, uint64_t inode, bool is_done);

/* When the members want to look again, on the clock of `now`; 0 for never. */
int64_t members_next(const struct members* members, bool with_arrangements);

/* Milliseconds of a clock that never goes back. */
int64_t now(void);

/* From now on the listeners that no descendant has are orphans: they are offered to processes that
 * are about to listen. `is_alone`: there are no descendants. Returns whether there is a new orphan. */
bool members_orphan(struct members* members, bool is_alone);

/* Ends the memberships of the orphans. */
void members_leave_orphans(struct members* members);

/* Ends the memberships of the orphans that a member with @reuse holds, which then serves them. */
void members_release_held(struct members* members);

/* How many listeners are still to be taken care of. */
size_t members_count(const struct members* members);

/* Duplicates of the listeners with other listeners on their port, which could serve in their place;
 * returns how many. */
size_t members_replaceable(const struct members* members, int* listeners, size_t room);

/* Takes a listener of an address whose program is gone, or has closed it; ENOENT if there is none,
 * or if nobody is told of listeners. Nobody else takes it until the program listens. */
int take_orphan(struct members* members, const socket_address* address, bool ipv6_only,
                int* result);

/* The program does not get the orphan: another one may. */
void members_release_orphan(struct members* members, int orphan);

/* Opens a socket with an abstract name, at which other processes of this user pass listeners. */
int open_endpoint(const char* name, int* result);

/* Ends all memberships: members with @reuse serve the listeners from now on. */
void members_leave(struct members* members);

/* ---- channel.c ---------------------------------------------------------------- */

/* Whether this user is at the other end; any local user can take an abstract name. */
bool is_own_user(int socket);

/* Sends one message, with a descriptor unless that is -1. */
int send_with(int socket, const void* data, size_t size, int attached);

/* Receives one message. Returns its length, 0 at the end, or -1 and errno. `*attached` is -1 if no
 * descriptor came. */
ssize_t receive_with(int socket, void* data, size_t size, int* attached);

/* ---- close_aside.c ------------------------------------------------------------ */

/* How long no connection is accepted when too many are closing, or no descriptor is left, in
 * milliseconds. */
#define ACCEPT_PAUSE 500

/* Closes a connection of another user, without waiting for what that user has put into it. */
void close_aside(int descriptor);

/* Whether so many are still closing that no more should be accepted. */
bool has_many_closing(void);

/* ---- program.c ---------------------------------------------------------------- */

typedef struct {
  pid_t program;
  int notifications; /* -1 if it does not ask. */
  bool is_refused;   /* Neither seccomp nor the preload library can be used. */
} started_program;

/* Starts the program as a child of the caller, so that its binds share their ports. `mask` is the
 * signal mask that it gets, and `channel` the name at which a preload library reports listeners. If
 * it cannot be executed, returns the errno of that. */
int start_program(const launch_options* options, const sigset_t* mask, const char* channel,
                  started_program* result);

/* ---- helper.c ----------------------------------------------------------------- */

/* A Node process that does what this program cannot do itself; see helper.ts. */
typedef struct {
  pid_t pid;  /* 0 for none. */
  int input;  /* Its standard input; -1 when it is closed. */
  int output; /* What it prints; -1 when it is closed. */
} helper;

/* Starts it with these words after the script, and these listeners as its descriptors 3 and up. */
int start_helper(const launch_options* options, const sigset_t* mask, const char* const* words,
                 const int* listeners, size_t count, helper* result);

/* Call this when it has ended. */
void end_helper(helper* helper);

void close_once(int* descriptor);

/* ---- init.c -------------------------------------------------------------------- */

/* Runs a program, and acts as its init: `reuse-exec --init command...`. */
_Noreturn void run_as_init(char** command);

/* ---- supervisor.c -------------------------------------------------------------- */

/* More than the number of any signal. */
#define MOST_SIGNALS 65

/* Starts the program, and supervises it and all that it starts, until none of them is left.
 * `launcher` is a connection to the launcher. */
_Noreturn void supervise(const launch_options* options, int launcher, const sigset_t* mask);

/* Raises the limit of descriptors: a group has a connection and a listener for each member. The
 * program has been started by now, with the limit that this process was started with; helpers raise
 * theirs themselves, as every Node does. */
void allow_descriptors(void);

/* Closes this process' standard input and output: only the program should write there, and a reader
 * that waits for their end waits only for the program. */
void leave_output(bool errors_too);

#endif
