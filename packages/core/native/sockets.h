/*
 * What the addon can do to a socket: one signature per operation, one source
 * file per system. Nothing here knows about servers, groups or policies.
 *
 * Every function returns 0, or the system's own error number: errno on Unix,
 * the WSA code on Windows. Results come back through pointers, which are left
 * alone on failure.
 */
#ifndef REUSE_SOCKETS_H
#define REUSE_SOCKETS_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
typedef SOCKET socket_handle;
#define NO_SOCKET INVALID_SOCKET
#define SOCKET_ERROR_INVALID WSAEINVAL
#define SOCKET_ERROR_NO_OPTION WSAENOPROTOOPT
#define SOCKET_ERROR_NO_MEMORY WSA_NOT_ENOUGH_MEMORY
#define SOCKET_ERROR_UNSUPPORTED WSAEOPNOTSUPP
#define SOCKET_ERROR_WOULD_BLOCK WSAEWOULDBLOCK
#else
#include <errno.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>
#include <netinet/in.h>
typedef int socket_handle;
#define NO_SOCKET (-1)
#define SOCKET_ERROR_INVALID EINVAL
#define SOCKET_ERROR_NO_OPTION ENOPROTOOPT
#define SOCKET_ERROR_NO_MEMORY ENOMEM
#define SOCKET_ERROR_UNSUPPORTED ENOTSUP
#define SOCKET_ERROR_WOULD_BLOCK EAGAIN
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SOCK_STREAM or SOCK_DGRAM over AF_INET or AF_INET6. The socket is
 * close-on-exec (not inheritable, on Windows) and non-blocking. */
int socket_open(int family, int type, socket_handle* result);
int socket_close(socket_handle handle);

int socket_bind(socket_handle handle, const struct sockaddr* address, socklen_t length);
int socket_listen(socket_handle handle, int backlog);

/* A second handle for the same socket, close-on-exec. */
int socket_duplicate(socket_handle handle, socket_handle* result);

/* No program that this process starts will have the socket. */
int socket_close_on_exec(socket_handle handle);

/* Begins to connect, and does not wait. */
int socket_connect(socket_handle handle, const struct sockaddr* address, socklen_t length);

/* Whether the socket has a peer: its connection is complete. */
int socket_is_connected(socket_handle handle, bool* result);

int socket_get_name(socket_handle handle, struct sockaddr_storage* address, socklen_t* length);

/* The socket options that this system has, by the names that its own headers
 * give them. The table ends with a NULL name. */
typedef struct {
  const char* name;
  int level;
  int number;
} socket_option;

extern const socket_option socket_options[];

int socket_set_option(socket_handle handle, const socket_option* option, int value);
int socket_get_option(socket_handle handle, const socket_option* option, int* value);

/* What waits in a socket: for a TCP listener, connections that the kernel has
 * completed and nobody has accepted; for a UDP socket, bytes received and not
 * read. Linux only. */
typedef struct {
  uint32_t length;
  uint32_t limit;
} socket_queue;

int socket_get_queue(socket_handle handle, socket_queue* result);

/* One socket of this network namespace, as the kernel lists it. */
typedef struct {
  struct sockaddr_storage address;
  socklen_t address_length;
  bool ipv6_only;
  uint32_t uid;
  uint32_t inode;
  uint32_t device; /* The network interface that SO_BINDTODEVICE named, or 0. */
  socket_queue queue;
} socket_entry;

/* Lists the TCP listeners (SOCK_STREAM) or the UDP sockets (SOCK_DGRAM) that
 * are bound to a port; port 0 means every port. The caller frees *entries.
 * Linux only. */
int sockets_list(int type, uint16_t port, socket_entry** entries, size_t* count);

/* A connection whose handshake is half way through. */
typedef struct {
  struct sockaddr_storage local;
  struct sockaddr_storage client;
  socklen_t address_length;
} handshake_entry;

/* Lists the TCP handshakes of a local port, over IPv4 or IPv6. The kernel goes
 * through its whole table of connections for this, which takes milliseconds on a
 * large machine. The caller frees *entries. Linux only. */
int handshakes_list(int family, uint16_t port, handshake_entry** entries, size_t* count);

/* The filter, an array of struct sock_filter, that chooses the member of the
 * socket's group for each new connection or datagram. It belongs to the group:
 * any member can attach, replace or detach it, and it outlives the member that
 * attached it. Linux 4.6 (UDP 4.5); detaching 5.3. */
int socket_attach_filter(socket_handle handle, const void* filter, size_t size);
int socket_detach_filter(socket_handle handle);

/* ---- between members, Linux only: channel_linux.c ------------------------ */

/* A place to which others in this network namespace can connect: there is one
 * of each name, and the kernel removes it with its last descriptor. Taking a
 * name that is in use fails with EADDRINUSE. */
int endpoint_open(const char* name, size_t length, socket_handle* result);

/* Connects at once, whether the other side is awake or not; EAGAIN if its
 * backlog is full. */
int endpoint_connect(const char* name, size_t length, socket_handle* result);

/* A socket whose messages go to systemd or another service manager, at a path,
 * or at an abstract name after an `@`; sd_notify(3). */
int notifier_connect(const char* path, size_t length, socket_handle* result);

/* The process at the other end, when it began to listen or connected; its pid
 * is 0 if it is in a PID namespace that cannot be seen from here. */
typedef struct {
  int64_t pid;
  uint32_t uid;
} endpoint_owner;

int endpoint_peer(socket_handle handle, endpoint_owner* result);

/* Makes calls on the socket non-blocking, for all processes that have it: the flag belongs to the
 * socket, and not to a descriptor. */
int socket_unblock(socket_handle handle);

/* Accepts a connection from a listener or endpoint; EAGAIN if none waits, or if calls on the listener
 * block. */
int socket_accept(socket_handle handle, socket_handle* result);

/* Closes the socket on a separate thread: what another user has sent there, and
 * nobody has read, may be a socket that lingers. */
int socket_close_aside(socket_handle handle);

/* How many sockets are being closed this way, in this process. */
uint32_t sockets_closing(void);

/* Sends one message, with a duplicate of a descriptor unless that is NO_SOCKET.
 * It does not wait: EAGAIN if the other side has not read for a long time. */
int message_send(socket_handle handle, const void* text, size_t length, socket_handle attached);

typedef struct {
  size_t length;          /* 0 at the end of the connection. */
  socket_handle attached; /* Close-on-exec; NO_SOCKET if none came. */
  bool cut;               /* A descriptor came for which this process has no room. */
} received_message;

/* Receives one message; EAGAIN if none waits, EMSGSIZE for one that is
 * longer than `size`, which is lost. */
int message_receive(socket_handle handle, void* text, size_t size, received_message* result);

/* Waits until the socket can be read from, or its peer has hung up. */
int socket_wait_readable(socket_handle handle, int milliseconds, bool* result);

/* Takes a listener out of its group at once, for all processes that hold a
 * duplicate. */
int socket_shut_down(socket_handle handle);

typedef struct {
  struct sockaddr_storage from;
  socklen_t from_length;
  size_t length;
} received_datagram;

/* From now on, datagram_receive knows to which address a datagram was sent. */
int datagram_tell_destination(socket_handle handle);

/* Receives a datagram that was sent to this machine alone. Datagrams to many are
 * dropped here: every socket of the port has a copy of them. EAGAIN if none
 * waits, or too many to drop in one call. */
int datagram_receive(socket_handle handle, void* data, size_t size, received_datagram* result);

/* ---- of other processes, Linux only: descriptor_linux.c ------------------ */

/* A duplicate of a descriptor of another process, close-on-exec. Linux 5.6. It
 * needs the permission of ptrace(2): EPERM if this process may not attach to
 * that one; ESRCH if there is none, EBADF if it has no such descriptor. */
int descriptor_take(int64_t pid, int descriptor, socket_handle* result);

#endif
