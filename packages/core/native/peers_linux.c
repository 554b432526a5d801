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

typedef struct {
  socket_entry* items;
  size_t count;
  size_t capacity;
} entry_list;

static int append(entry_list* list, const socket_entry* entry) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    socket_entry* items = realloc(list->items, capacity * sizeof *items);
    if (items == NULL) return ENOMEM;
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = *entry;
  return 0;
}

/* What to list: a protocol, and its states as bits. */
typedef struct {
  int protocol;
  uint32_t states;
} subject;

static const subject listeners = {IPPROTO_TCP, 1u << TCP_LISTEN};
static const subject handshakes = {IPPROTO_TCP, 1u << TCP_SYN_RECV};
/* A UDP socket is "closed" until it is connected. */
static const subject datagram_sockets = {IPPROTO_UDP, 1u << TCP_CLOSE | 1u << TCP_ESTABLISHED};

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

/* One end of a connection: the local one, or that of the client. */
typedef struct {
  const uint32_t* address;
  uint16_t port;
} endpoint;

static void read_address(int family, endpoint from, socket_entry* entry) {
  if (family == AF_INET6) {
    struct sockaddr_in6* address = (struct sockaddr_in6*)&entry->address;
    address->sin6_family = AF_INET6;
    address->sin6_port = from.port;
    memcpy(&address->sin6_addr, from.address, sizeof address->sin6_addr);
    entry->address_length = sizeof *address;
  } else {
    struct sockaddr_in* address = (struct sockaddr_in*)&entry->address;
    address->sin_family = AF_INET;
    address->sin_port = from.port;
    memcpy(&address->sin_addr, from.address, sizeof address->sin_addr);
    entry->address_length = sizeof *address;
  }
}

static void read_entry(const struct nlmsghdr* header, const struct inet_diag_msg* message,
                       const subject* subject, socket_entry* entry) {
  const struct inet_diag_sockid* id = &message->id;
  endpoint local = {id->idiag_src, id->idiag_sport};
  endpoint client = {id->idiag_dst, id->idiag_dport};
  memset(entry, 0, sizeof *entry);
  read_address(message->idiag_family, subject == &handshakes ? client : local, entry);
  entry->uid = message->idiag_uid;
  entry->inode = message->idiag_inode;
  entry->queue.length = message->idiag_rqueue;
  entry->queue.limit = message->idiag_wqueue;

  const struct rtattr* attribute = (const struct rtattr*)(message + 1);
  int left = (int)header->nlmsg_len - (int)NLMSG_LENGTH(sizeof *message);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type == INET_DIAG_SKV6ONLY) {
      entry->ipv6_only = *(const uint8_t*)RTA_DATA(attribute) != 0;
    } else if (attribute->rta_type == INET_DIAG_SKMEMINFO) {
      /* Of a UDP socket the kernel reports the send buffer where a listener
       * has its limit; the limit of what waits is the receive buffer. */
      const uint32_t* memory = RTA_DATA(attribute);
      entry->queue.limit = memory[SK_MEMINFO_RCVBUF];
    }
  }
}

/* NLMSG_OK, which compares numbers of different signs where the kernel's own headers define it. */
static bool holds_message(const struct nlmsghdr* header, int left) {
  return left >= (int)sizeof *header && header->nlmsg_len >= sizeof *header &&
         header->nlmsg_len <= (uint32_t)left;
}

/* Reads the answer to one request, to its end. */
static int receive(int netlink, const subject* subject, entry_list* list) {
  /* The kernel fills at most 32 KiB a message when the reader offers it. */
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
      socket_entry entry;
      read_entry(header, NLMSG_DATA(header), subject, &entry);
      int failure = append(list, &entry);
      if (failure != 0) return failure;
    }
  }
}

/* Lists over IPv4, IPv6, or both where the family is AF_UNSPEC. */
static int list(const subject* subject, int family, uint16_t port, socket_entry** entries,
                size_t* count) {
  static const int families[] = {AF_INET, AF_INET6};

  int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink == -1) return errno;

  entry_list found = {0};
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
  const subject* subject = type == SOCK_DGRAM ? &datagram_sockets : &listeners;
  return list(subject, AF_UNSPEC, port, entries, count);
}

int handshakes_list(int family, uint16_t port, socket_entry** entries, size_t* count) {
  return list(&handshakes, family, port, entries, count);
}
