/*
 * What the addon can do to a socket: one signature per operation, one source
 * file per system. Nothing here knows of servers, groups or policies.
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
#define SOCKET_ERROR_INVALID WSAEINVAL
#define SOCKET_ERROR_NO_OPTION WSAENOPROTOOPT
#define SOCKET_ERROR_UNSUPPORTED WSAEOPNOTSUPP
#else
#include <errno.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>
#include <netinet/in.h>
typedef int socket_handle;
#define SOCKET_ERROR_INVALID EINVAL
#define SOCKET_ERROR_NO_OPTION ENOPROTOOPT
#define SOCKET_ERROR_UNSUPPORTED ENOTSUP
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

/* What waits in a socket: of a TCP listener, connections that the kernel has
 * completed and nobody has accepted; of a UDP socket, bytes received and not
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
  socket_queue queue;
} socket_entry;

/* Lists the TCP listeners (SOCK_STREAM) or the UDP sockets (SOCK_DGRAM) that
 * are bound to a port; port 0 means every port. The caller frees *entries.
 * Linux only. */
int sockets_list(int type, uint16_t port, socket_entry** entries, size_t* count);

/* Lists the TCP handshakes of a local port, over IPv4 or IPv6, that are half
 * way through; each entry's address is the client's. The kernel goes through
 * its whole table of connections for it, which takes milliseconds on a large
 * machine. The caller frees *entries. Linux only. */
int handshakes_list(int family, uint16_t port, socket_entry** entries, size_t* count);

/* The program, an array of struct sock_filter, that chooses the member of the
 * socket's group for each new connection or datagram. It belongs to the group:
 * any member attaches, replaces or detaches it, and it outlives whoever
 * attached it. Linux 4.6 (UDP 4.5); detaching 5.3. */
int socket_attach_filter(socket_handle handle, const void* program, size_t size);
int socket_detach_filter(socket_handle handle);

/* A socket whose only use is its name: an abstract Unix socket, of which there
 * can be one in a network namespace, and which the kernel removes with its
 * holder. Linux only. */
int socket_open_name(const char* name, size_t length, socket_handle* result);

#endif
