/*
 * What members pass to each other, and what a holder takes out of a duplicate.
 *
 * An endpoint is an abstract Unix socket of type SOCK_SEQPACKET: it keeps
 * messages apart, so that nobody has to look for their ends, carries
 * descriptors, and tells who is at the other end; unix(7). The kernel removes
 * its name with the last descriptor.
 */

/* As in sockets_unix.c: fcntl, and not fcntl64 of glibc 2.28. */
#undef _FILE_OFFSET_BITS

#include "sockets.h"
#include "thread_linux.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How many connections may wait until the owner of an endpoint accepts them; the
 * kernel reduces this to net.core.somaxconn. */
#define ENDPOINT_BACKLOG 4096

/* Makes the socket, and the address for its name. */
static int make_endpoint(const char* name, size_t length, struct sockaddr_un* address,
                         socklen_t* size, socket_handle* result) {
  if (length >= sizeof address->sun_path) return ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + 1, name, length); /* A leading zero makes it abstract. */
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
  int handle = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle == -1) return errno;
  *result = handle;
  return 0;
}

/* Closes a socket whose last call has failed; returns the failure. */
static int close_failed(socket_handle handle) {
  int failure = errno;
  close(handle);
  return failure;
}

int endpoint_open(const char* name, size_t length, socket_handle* result) {
  struct sockaddr_un address;
  socklen_t size;
  int failure = make_endpoint(name, length, &address, &size, result);
  if (failure != 0) return failure;
  if (bind(*result, (struct sockaddr*)&address, size) == 0 &&
      listen(*result, ENDPOINT_BACKLOG) == 0) {
    return 0;
  }
  return close_failed(*result);
}

int endpoint_connect(const char* name, size_t length, socket_handle* result) {
  struct sockaddr_un address;
  socklen_t size;
  int failure = make_endpoint(name, length, &address, &size, result);
  if (failure != 0) return failure;
  /* EAGAIN: its backlog is full. */
  if (connect(*result, (struct sockaddr*)&address, size) == 0) return 0;
  return close_failed(*result);
}

int notifier_connect(const char* path, size_t length, socket_handle* result) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (length >= sizeof address.sun_path) return ENAMETOOLONG;
  memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle == -1) return errno;
  *result = handle;
  if (connect(handle, (struct sockaddr*)&address, size) == 0) return 0;
  return close_failed(handle);
}

int endpoint_peer(socket_handle handle, endpoint_owner* result) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(handle, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return errno;
  result->pid = credentials.pid;
  result->uid = credentials.uid;
  return 0;
}

int socket_unblock(socket_handle handle) {
  int flags = fcntl(handle, F_GETFL);
  if (flags == -1) return errno;
  return fcntl(handle, F_SETFL, flags | O_NONBLOCK) == -1 ? errno : 0;
}

int socket_accept(socket_handle handle, socket_handle* result) {
  int flags = fcntl(handle, F_GETFL);
  if (flags == -1) return errno;
  /* Another program's, whose calls block: this one would block too if that one accepts first. */
  if ((flags & O_NONBLOCK) == 0) return EAGAIN;
  for (;;) {
    int accepted = accept4(handle, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted != -1) {
      *result = accepted;
      return 0;
    }
    /* A client that has gone away meanwhile, or a signal: try the next one. */
    if (errno != ECONNABORTED && errno != EINTR) return errno;
  }
}

int message_send(socket_handle handle, const void* text, size_t length, socket_handle attached) {
  struct iovec part = {.iov_base = (void*)text, .iov_len = length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  if (attached != NO_SOCKET) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &attached, sizeof attached);
  }
  ssize_t sent;
  do {
    sent = sendmsg(handle, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent == -1 && errno == EINTR);
  return sent == -1 ? errno : 0;
}

/* Keeps the first descriptor that came with a message, and closes a second: there is room for two. */
static void take_descriptors(struct msghdr* message, received_message* result) {
  struct cmsghdr* header = CMSG_FIRSTHDR(message);
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return;
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
    if (i == 0) {
      result->attached = descriptor;
    } else {
      close(descriptor);
    }
  }
}

int message_receive(socket_handle handle, void* text, size_t size, received_message* result) {
  struct iovec part = {.iov_base = text, .iov_len = size};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  ssize_t length;
  do {
    length = recvmsg(handle, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (length == -1 && errno == EINTR);
  if (length == -1) return errno;

  result->length = (size_t)length;
  result->attached = NO_SOCKET;
  take_descriptors(&message, result);
  /* Descriptors came that could not be taken: this process has as many as it may. */
  result->cut = (message.msg_flags & MSG_CTRUNC) != 0;
  if ((message.msg_flags & MSG_TRUNC) == 0) return 0;
  if (result->attached != NO_SOCKET) close(result->attached);
  return EMSGSIZE;
}

/* Milliseconds of a clock that is never set back. */
static int now(int64_t* result) {
  struct timespec time;
  if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) return errno;
  *result = (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
  return 0;
}

int socket_wait_readable(socket_handle handle, int milliseconds, bool* result) {
  struct pollfd entry = {.fd = handle, .events = POLLIN};
  int64_t time;
  int failure = now(&time);
  if (failure != 0) return failure;
  int64_t deadline = time + milliseconds;
  int ready = poll(&entry, 1, milliseconds);
  /* Repeated signals do not make the wait longer. */
  while (ready == -1 && errno == EINTR) {
    failure = now(&time);
    if (failure != 0) return failure;
    ready = poll(&entry, 1, time < deadline ? (int)(deadline - time) : 0);
  }
  if (ready == -1) return errno;
  *result = ready > 0;
  return 0;
}

int socket_shut_down(socket_handle handle) {
  return shutdown(handle, SHUT_RDWR) == 0 ? 0 : errno;
}

/* The control message after another, or NULL. CMSG_NXTHDR in musl compares signed with unsigned
 * numbers. */
static struct cmsghdr* next_header(struct msghdr* message, struct cmsghdr* header) {
  size_t offset = (size_t)((char*)header - (char*)message->msg_control);
  offset += CMSG_ALIGN(header->cmsg_len);
  if (offset + sizeof *header > message->msg_controllen) return NULL;
  return (struct cmsghdr*)((char*)message->msg_control + offset);
}

/* Whether a datagram was sent to many: every socket of the port has a copy. The address that an
 * answer should come from is the one that it was sent to, unless that is multicast or broadcast. */
static bool is_for_many(struct msghdr* message) {
  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header != NULL;
       header = next_header(message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(header), sizeof info);
      if (IN_MULTICAST(ntohl(info.ipi_addr.s_addr))) return true;
      if (info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr) return true;
    }
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(header), sizeof info);
      if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) return true;
    }
  }
  return false;
}

int datagram_tell_destination(socket_handle handle) {
  int on = 1, family = 0;
  socklen_t size = sizeof family;
  if (getsockopt(handle, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return errno;
  /* A dual-stack socket needs both. */
  if (setsockopt(handle, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0) return errno;
  if (family == AF_INET) return 0;
  return setsockopt(handle, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0 ? 0 : errno;
}

/* How many datagrams are passed over at most before others get their turn. */
#define PASSED_OVER 64

int datagram_receive(socket_handle handle, void* data, size_t size, received_datagram* result) {
  struct iovec part = {.iov_base = data, .iov_len = size};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
  } control;
  for (int passed = 0; passed < PASSED_OVER; passed++) {
    struct msghdr message = {.msg_name = &result->from,
                             .msg_namelen = sizeof result->from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(handle, &message, MSG_DONTWAIT);
    /* ECONNREFUSED is about something that was sent before. */
    if (length == -1 && (errno == EINTR || errno == ECONNREFUSED)) continue;
    if (length == -1) return errno;
    if (is_for_many(&message)) continue;
    result->length = (size_t)length;
    result->from_length = message.msg_namelen;
    return 0;
  }
  return EAGAIN; /* The poller wakes the environment again. */
}

static _Atomic uint32_t closing = 0;

static void* close_on_thread(void* argument) {
  close((int)(intptr_t)argument);
  closing--;
  return NULL;
}

int socket_close_aside(socket_handle handle) {
  pthread_t thread;
  closing++;
  int failure = start_quiet_thread(&thread, close_on_thread, (void*)(intptr_t)handle);
  if (failure == 0) return pthread_detach(thread);
  closing--;
  return socket_close(handle);
}

uint32_t sockets_closing(void) {
  return closing;
}
