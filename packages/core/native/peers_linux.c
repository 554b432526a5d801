/*
 * Lists sockets with sock_diag(7): any user may ask, and sees the sockets of
 * every user in its network namespace with their uid and inode.
 */
#include "sockets.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A list of entries of one size. */
typedef struct {
  size_t size;
  void* items;
  size_t count;
  size_t capacity;
} entry_list;

/* Returns room for one more entry, all zeros; NULL if there is no memory. */
static void* append(entry_list* list) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    void* items = realloc(list->items, capacity * list->size);
    if (items == NULL) return NULL;
    list->items = items;
    list->capacity = capacity;
  }
  void* entry = (char*)list->items + list->count++ * list->size;
  return memset(entry, 0, list->size);
}

typedef void (*entry_reader)(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                             void* entry);

static void read_socket(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                        void* entry);
static void read_handshake(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                           void* entry);

/* What to list: a protocol, its states as bits, and the entries to make of it. */
typedef struct {
  int protocol;
  uint32_t states;
  size_t size;
  entry_reader read;
} subject;

static const subject listeners = {IPPROTO_TCP, 1u << TCP_LISTEN, sizeof(socket_entry), read_socket};
static const subject handshakes = {IPPROTO_TCP, 1u << TCP_SYN_RECV, sizeof(handshake_entry),
                                   read_handshake};
/* A UDP socket is "closed" until it is connected. */
static const subject datagram_sockets = {IPPROTO_UDP, 1u << TCP_CLOSE | 1u << TCP_ESTABLISHED,
                                         sizeof(socket_entry), read_socket};

static int request(int netlink, int family, const subject* subject, uint16_t port) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } message;
  memset(&message, 0, sizeof message);
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.body.sdiag_family = (uint8_t)family;
  message.body.sdiag_protocol = (uint8_t)subject->protocol;
  message.body.idiag_states = subject->states;
  if (subject == &datagram_sockets) message.body.idiag_ext = 1u << (INET_DIAG_SKMEMINFO - 1);
  message.body.id.idiag_sport = htons(port);

  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do {
    sent = sendto(netlink, &message, sizeof message, 0, (struct sockaddr*)&kernel, sizeof kernel);
  } while (sent == -1 && errno == EINTR);
  return sent == -1 ? errno : 0;
}

/* One end of a connection: the local one, or the client's. */
typedef struct {
  const uint32_t* address;
  uint16_t port;
} endpoint;

/* Returns the length. */
static socklen_t read_address(int family, endpoint from, struct sockaddr_storage* result) {
  if (family == AF_INET6) {
    struct sockaddr_in6* address = (struct sockaddr_in6*)result;
    address->sin6_family = AF_INET6;
    address->sin6_port = from.port;
    memcpy(&address->sin6_addr, from.address, sizeof address->sin6_addr);
    return sizeof *address;
  }
  struct sockaddr_in* address = (struct sockaddr_in*)result;
  address->sin_family = AF_INET;
  address->sin_port = from.port;
  memcpy(&address->sin_addr, from.address, sizeof address->sin_addr);
  return sizeof *address;
}

static endpoint local_end(const struct inet_diag_msg* message) {
  return (endpoint){message->id.idiag_src, message->id.idiag_sport};
}

static void read_handshake(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                           void* result) {
  (void)header;
  handshake_entry* entry = result;
  endpoint client = {message->id.idiag_dst, message->id.idiag_dport};
  read_address(message->idiag_family, local_end(message), &entry->local);
  entry->address_length = read_address(message->idiag_family, client, &entry->client);
}

static void read_socket(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                        void* result) {
  socket_entry* entry = result;
  entry->address_length = read_address(message->idiag_family, local_end(message), &entry->address);
  entry->uid = message->idiag_uid;
  entry->inode = message->idiag_inode;
  entry->device = message->id.idiag_if;
  entry->queue.length = message->idiag_rqueue;
  entry->queue.limit = message->idiag_wqueue;

  const struct rtattr* attribute = (const struct rtattr*)(message + 1);
  int left = (int)header->nlmsg_len - (int)NLMSG_LENGTH(sizeof *message);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == INET_DIAG_SKV6ONLY) {
      entry->ipv6_only = *(const uint8_t*)RTA_DATA(attribute) != 0;
    } else if (attribute->rta_type == INET_DIAG_SKMEMINFO) {
      /* For a UDP socket, the kernel reports the send buffer where a listener
       * has its limit; the limit of what waits is the receive buffer. */
      const uint32_t* memory = RTA_DATA(attribute);
      entry->queue.limit = memory[SK_MEMINFO_RCVBUF];
    }
  }
}

/* NLMSG_OK. The kernel's own definition of it compares signed with unsigned numbers. */
static bool holds_message(const struct nlmsghdr* header, int left) {
  return left >= (int)sizeof *header && header->nlmsg_len >= sizeof *header &&
         header->nlmsg_len <= (uint32_t)left;
}

/* Reads the answer to one request, to its end. */
static int receive(int netlink, const subject* subject, entry_list* list) {
  /* The kernel fills at most 32 KiB per message, if the reader offers as much. */
  union {
    struct nlmsghdr header;
    char bytes[32768];
  } buffer;
  for (;;) {
    ssize_t size = recv(netlink, &buffer, sizeof buffer, 0);
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return errno;
    if (size == 0) return EPROTO;

    int left = (int)size;
    for (struct nlmsghdr* header = &buffer.header; holds_message(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE) return 0;
      if (header->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr* failure = NLMSG_DATA(header);
        return failure->error == 0 ? EPROTO : -failure->error;
      }
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
      void* entry = append(list);
      if (entry == NULL) return ENOMEM;
      subject->read(header, NLMSG_DATA(header), entry);
    }
  }
}

/* Lists over IPv4, IPv6, or both if the family is AF_UNSPEC. */
static int list(const subject* subject, int family, uint16_t port, void** entries, size_t* count) {
  static const int families[] = {AF_INET, AF_INET6};

  int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink == -1) return errno;

  entry_list found = {.size = subject->size};
  int failure = 0;
  for (size_t i = 0; i < sizeof families / sizeof families[0] && failure == 0; i++) {
    if (family != AF_UNSPEC && family != families[i]) continue;
    failure = request(netlink, families[i], subject, port);
    if (failure == 0) failure = receive(netlink, subject, &found);
  }
  close(netlink);

  if (failure != 0) {
    free(found.items);
    return failure;
  }
  *entries = found.items;
  *count = found.count;
  return 0;
}

int sockets_list(int type, uint16_t port, socket_entry** entries, size_t* count) {
  void* found = NULL;
  int failure = list(type == SOCK_DGRAM ? &datagram_sockets : &listeners, AF_UNSPEC, port, &found,
                     count);
  if (failure == 0) *entries = found;
  return failure;
}

int handshakes_list(int family, uint16_t port, handshake_entry** entries, size_t* count) {
  void* found = NULL;
  int failure = list(&handshakes, family, port, &found, count);
  if (failure == 0) *entries = found;
  return failure;
}
