/*
 * reuse-exec: starts a program whose binds share their ports, and that leaves
 * them without losing a connection.
 *
 * Three processes: the launcher, which whoever started it sees; its child, the
 * supervisor, which answers the program's binds; and the supervisor's child,
 * the program. Each of the first two takes over where the other is killed.
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
  const char* weight;     /* As members tell it to each other. */
  char steering;          /* The policy, as members tell it: its first letter; 0 for none. */
  int leave_timeout;      /* Milliseconds. */
  int drain;              /* The same: how long what it has accepted may go on. */
  int stop_signal;        /* What the program gets for SIGTERM. */
  bool verbose;
  bool ends_with_parent; /* A Node stands before it, and is what would be killed. */
  enum { ANY_MECHANISM, SECCOMP, PRELOAD } mechanism;
  const char* preload; /* The preload library; NULL for none. */
  const char* node;   /* With which the helper is run; NULL for none. */
  const char* helper; /* A script that does what takes more than this program knows. */
  char** command;
  char** arguments; /* All of them, */
  int setting_count; /* and how many stand before the command. */
} launch_options;

/* Reads what stands before the command. */
int parse_settings(int count, char** arguments, launch_options* result);

/* Reads all. Returns 0, or what is wrong is on stderr. */
int parse_options(int count, char** arguments, launch_options* result);

/* Where a bind goes. */
typedef struct {
  bool shares;
  bool moved;
  bool unfit; /* The wanted address is not one that such a socket can have. */
  socket_address address;
  socklen_t length;
} bind_decision;

/* Decides over a bind; pure. */
bind_decision decide_bind(const launch_options* options, const socket_address* wanted,
                          socklen_t length, bool ipv6_only);

/* Whether it is one of those that the options name, or any where they name none. */
bool is_chosen_port(const launch_options* options, uint16_t port);

uint16_t port_of(const socket_address* address);

/* Gives an address another one's host; one of IPv4 goes into an IPv6 socket as `::ffff:`, unless that is
 * for IPv6 alone. False where it does not fit. */
bool set_address(socket_address* address, const socket_address* other, bool ipv6_only);

/* ---- sharing.c ------------------------------------------------------------ */

typedef struct {
  int domain;
  int type;
  int protocol;
  bool ipv6_only;
} socket_kind;

/* Whether it is a socket of TCP, MPTCP or UDP over IPv4 or IPv6: others have no ports that are
 * shared. */
bool is_of_port(int socket, socket_kind* kind);

/* Whether an address is one to which such a socket can be bound. */
bool is_address_of(const socket_kind* kind, const struct sockaddr* address, socklen_t length);

int share_socket(int socket, const socket_kind* kind);

/* Whether it is for one network device alone (SO_BINDTODEVICE): others of its port are no group with
 * it. */
bool is_of_device(int socket);

/* By which the kernel's lists know it; 0 where that cannot be known. */
uint64_t inode_of(int socket);

/* Whether it is a TCP socket that shares its port, or will when it listens, and that may be in a group:
 * the port is one of those that are to be shared. One of MPTCP may not: the kernel attaches no filter
 * through it. */
bool is_shared_listener(int socket, const launch_options* options);

/* Gives a connection to an address its own, unless it has one or that is of the other IP version. */
int bind_source(int socket, const socket_kind* kind, const socket_address* wanted,
                const launch_options* options);

/* ---- preload/preload.c ---------------------------------------------------- */

/* In the environment of the program: the options, and where listeners are told. */
#define PRELOAD_OPTIONS "REUSE_EXEC_OPTIONS"
#define PRELOAD_CHANNEL "REUSE_EXEC_CHANNEL"

/* ---- complain.c --------------------------------------------------------------- */

/* A line on stderr: `reuse exec: ...`. */
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));

/* The same where --verbose asks for it. */
void explain(const launch_options* options, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says who has a TCP port that does not share it: once in a while, and of one port at a time, as it
 * takes a Node. */
void explain_use(const launch_options* options, const socket_address* address);

/* A child has been waited for, which may be the one that explains. */
void explainer_ended(pid_t pid);
bool is_explaining(void);
void stop_explaining(void);

/* ---- filter.c ------------------------------------------------------------- */

/* Sees to it that this process and all that it starts ask before they bind, listen and, where
 * outgoing connections have an address, connect. Gives the descriptor on which they ask. */
int install_filter(bool with_connect, int* listener);

/* Whether who has asked waits for the answer, whatever signals come meanwhile; Linux 5.19. */
bool outwaits_signals(void);

/* ---- notification.c ------------------------------------------------------- */

struct members;

/* Answers one question. `members` is NULL where nobody is told of listeners.
 * ENOENT: the one who asked is gone, which is no failure. */
int answer_notification(int listener, const launch_options* options, struct members* members);

/* ---- target.c: the process that asks --------------------------------------- */

/* Takes a duplicate of a descriptor of a thread's process. */
int take_descriptor(pid_t thread, int descriptor, int* result);

/* Whether a descriptor of a thread is closed when it executes another program. */
bool closes_on_exec(pid_t thread, int descriptor);

/* Reads an address in a thread's memory; `length` is what the thread says. */
int read_address(pid_t thread, uint64_t where, uint64_t length, socket_address* result);

/* The process of a thread; 0 and errno where it cannot be known. */
pid_t process_of(pid_t thread);

/* 0 where it has ended. */
pid_t parent_of(pid_t process);

/* Also where nobody has waited for it yet. */
bool has_ended(pid_t process);

/* Whether a thread's sockets are in the network namespace of this process; in another one all ports
 * are others. */
bool has_own_network(pid_t thread);

/* Whether a thread may do what this process may, and no less: as far as user, groups, capabilities
 * and the user namespace tell. */
bool has_equal_rights(pid_t thread);

/* ---- epoll.c ---------------------------------------------------------------- */

#define MOST_REGISTRATIONS 16

/* Where a process waits by epoll for the socket that is replaced, and for the one in its place. */
typedef struct {
  struct registration {
    int epoll; /* A duplicate of the process' descriptor. */
    int number; /* Of the descriptor of the socket. */
    uint32_t events;
    uint64_t data;
    bool is_old; /* The other one's, which the process has closed. */
  } list[MOST_REGISTRATIONS];
  size_t count;
} registrations;

/* Finds what registrations there are before a process gets another socket as this descriptor. EBUSY:
 * the one that it has, it or another process has as another descriptor too: it cannot be replaced. */
int find_registrations(pid_t process, int descriptor, int socket, int other,
                       registrations* result);

/* Registers the other one, which the process has by now, as the first one was. */
bool register_again(const registrations* list, int other, int descriptor);

void close_registrations(registrations* list);

/* ---- descendants.c ---------------------------------------------------------- */

/* Whether a process that this one has started, or one that those have started, has a socket open;
 * true too where that cannot be known. */
bool descendants_have(uint64_t inode);

/* The same of all but one process. */
bool others_have(pid_t process, uint64_t inode);

/* Joins the groups of the listeners that a process has which this one has started, or that those have
 * started. */
void join_groups_of_descendants(struct members* members, const launch_options* options);

/* Sends a signal to the children of this process but these. */
void signal_children(int signal, const pid_t* spared, size_t count);

/* ---- the launcher and the supervisor ------------------------------------------ */

/* What the launcher and the supervisor say to each other. */
typedef struct {
  enum supervisor_verb {
    SAY_STARTED,      /* With the descriptor on which the program asks; the pid. */
    SAY_NOT_STARTED,  /* An errno. */
    SAY_REFUSED,      /* The filter was; an errno. */
    SAY_SIGNAL,       /* The launcher has got a signal. */
    SAY_EXITED,       /* The program has; its wait status. */
    SAY_JOINED,       /* With the endpoint of a listener's group; the listener. */
    SAY_LEFT,         /* The same listener. */
  } kind;
  int value;
  uint64_t inode;
  bool ends; /* The supervisor ends too: nobody is left. */
} supervisor_message;

/* ---- members.c: groups ------------------------------------------------------ */

/* A listener of the program that this process holds too, and its group. */
int join_group(struct members* members, int listener);

/* `launcher` is where the supervisor reaches it, so that it has the endpoints too; NULL in itself. */
struct members* open_members(const launch_options* options, const int* launcher);

/* In the launcher: keeps the endpoint of a listener for the case that the supervisor is killed, so that
 * its name does not go; or no longer does. */
void members_keep_endpoint(struct members* members, uint64_t inode, int endpoint);
void members_drop_endpoint(struct members* members, uint64_t inode);

/* Drops all that are kept still. */
void members_drop_endpoints(struct members* members);

#define MOST_LISTENERS 32
#define MOST_CONNECTIONS 512

/* Of a listener its endpoint, and itself. */
#define MOST_POLLED (MOST_CONNECTIONS + 2 * MOST_LISTENERS)

#define MOST_NAME 108
struct pollfd;

/* Adds what the members wait for; gives how many. */
size_t members_poll(struct members* members, struct pollfd* list, size_t room);
void members_hear(struct members* members, const struct pollfd* list, size_t count);

/* So many listeners are passed to a helper. */
#define MOST_PASSED 64

/* Listeners of a group, and how it is to be steered. */
typedef struct {
  uint64_t inode; /* Of the first, which is the program's own. */
  const char* policy;
  int listeners[MOST_PASSED];
  const char* weights[MOST_PASSED];
  size_t count;
} arrangement;

/* A group whose filter is to be attached now; false where there is none. */
bool members_arrangement(struct members* members, arrangement* result);

/* It is attached, or that has failed. */
void members_arranged(struct members* members, uint64_t inode, bool is_done);

/* When the members want to look again, on the clock of `now`; 0 for never. */
int64_t members_next(const struct members* members, bool with_arrangements);

/* Milliseconds of a clock that always goes on. */
int64_t now(void);

/* From now on the listeners that no descendant has are orphans: they are offered to whoever is about to
 * listen. `is_alone`: there are no descendants. Whether there is a new one. */
bool members_orphan(struct members* members, bool is_alone);

/* Ends the memberships of the orphans. */
void members_leave_orphans(struct members* members);

/* Ends the memberships of the orphans that a member with @reuse holds, which serves them then. */
void members_release_held(struct members* members);

/* How many listeners are still to be taken care of. */
size_t members_count(const struct members* members);

/* Duplicates of the listeners that have others beside them, which could serve in their place; gives
 * how many. */
size_t members_replaceable(const struct members* members, int* listeners, size_t room);

/* Takes a listener of an address whose program is gone, or has closed it; ENOENT where there is
 * none, and where nobody is told of listeners. Nobody else takes it until the program listens. */
int take_orphan(struct members* members, const socket_address* address, bool ipv6_only,
                int* result);

/* The program does not get the orphan: another may. */
void members_release_orphan(struct members* members, int orphan);

/* An abstract name at which others of this user pass listeners, and the socket that has it. */
int open_endpoint(const char* name, int* result);

/* Ends all memberships: members with @reuse serve the listeners from now on. */
void members_leave(struct members* members);

/* ---- channel.c ---------------------------------------------------------------- */

/* Whether this user is at the other end; any local user can take an abstract name. */
bool is_own_user(int socket);

/* Sends one message, with a descriptor unless that is -1. */
int send_with(int socket, const void* data, size_t size, int attached);

/* Receives one; -1 and errno, or its length, 0 at the end. `*attached` is -1 if none came. */
ssize_t receive_with(int socket, void* data, size_t size, int* attached);

/* ---- close_aside.c ------------------------------------------------------------ */

/* How long nobody who connects is taken where too much is closed, or no descriptor is left, in
 * milliseconds. */
#define ACCEPT_PAUSE 500

/* Closes a connection of another user, without waiting for what they have put into it. */
void close_aside(int descriptor);

/* Whether that takes long for so many that no more are to be taken. */
bool has_many_closing(void);

/* ---- program.c ---------------------------------------------------------------- */

typedef struct {
  pid_t program;
  int notifications; /* -1 where it does not ask. */
  bool is_refused;   /* Neither seccomp nor the preload library can be had. */
} started_program;

/* Starts the program as a child of the caller, so that its binds share. `mask` is the signal mask
 * that it gets, and `channel` the name at which a preload library tells of listeners. Where it
 * cannot be executed, that errno comes back. */
int start_program(const launch_options* options, const sigset_t* mask, const char* channel,
                  started_program* result);

/* ---- helper.c ----------------------------------------------------------------- */

/* A Node that does what takes more than this program knows; see helper.ts. */
typedef struct {
  pid_t pid;  /* 0 for none. */
  int input;  /* Its standard input; -1 when it is closed. */
  int output; /* What it prints; the same. */
} helper;

/* Starts it with these words behind the script, and these listeners as its descriptors from 3 on. */
int start_helper(const launch_options* options, const sigset_t* mask, const char* const* words,
                 const int* listeners, size_t count, helper* result);

/* It has ended. */
void end_helper(helper* helper);

void close_once(int* descriptor);

/* ---- init.c -------------------------------------------------------------------- */

/* Runs a program, and is to it what init is: `reuse-exec --init command...`. */
_Noreturn void run_as_init(char** command);

/* ---- supervisor.c -------------------------------------------------------------- */

/* More than the number of any signal. */
#define MOST_SIGNALS 65

/* Starts the program, and supervises it and all that it starts, until nobody of them is left.
 * `launcher` is a connection to the launcher. */
_Noreturn void supervise(const launch_options* options, int launcher, const sigset_t* mask);

/* A group has a connection and a listener for each member. The program has been started by now, with
 * the limit that this process was started with; helpers raise theirs themselves, as every Node. */
void allow_descriptors(void);

/* Closes this process' standard input and output: what is written there is the program's alone, and so
 * is whoever waits for its end. */
void leave_output(bool errors_too);

#endif
