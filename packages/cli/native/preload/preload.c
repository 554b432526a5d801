/*
 * What is loaded into the program if seccomp is refused: it makes the program's
 * binds share, as the launcher says in the environment. It needs nothing but
 * the program's own C library, whichever that is; it does not reach programs
 * without one, nor those that make system calls themselves, as Go programs do.
 *
 * It prints nothing, and returns what the kernel returns.
 */
#include "../launcher.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

#define MOST_ARGUMENTS 160

static launch_options options;
static char channel_name[MOST_NAME]; /* Empty for none. */
static enum { UNREAD, READ, ABSENT } state = UNREAD;

/* Reads the options from the environment, one per line: when the library is loaded, because then
 * there is no other thread yet, and the program has not written into its environment. If the C
 * library is not ready by then, or other loaded libraries bind before that, reads them at the first
 * bind. */
__attribute__((constructor)) static void read_environment(void) {
  if (state != UNREAD) return;
  static char* arguments[MOST_ARGUMENTS + 2];
  static char none[] = "";
  int count = 0;
  const char* text = getenv(PRELOAD_OPTIONS);
  if (text == NULL) return;
  state = ABSENT;
  char* copy = strdup(text);
  if (copy == NULL) return;
  arguments[count++] = none;
  for (char* rest = copy; rest != NULL && count < MOST_ARGUMENTS;) {
    char* end = strchr(rest, '\n');
    if (end != NULL) *end++ = '\0';
    if (*rest != '\0') arguments[count++] = rest;
    rest = end;
  }
  if (parse_settings(count, arguments, &options) != 0) return;
  const char* name = getenv(PRELOAD_CHANNEL);
  if (name != NULL && strlen(name) < sizeof channel_name) strcpy(channel_name, name);
  state = READ;
}

static bool has_options(void) {
  read_environment();
  return state == READ;
}

/* The message functions of options.c; a library prints nothing. */
void complain(const char* format, ...) {
  (void)format;
}

void explain(const launch_options* unused, const char* format, ...) {
  (void)unused;
  (void)format;
}

/* Gives the launcher a duplicate of a listener. If the launcher is gone, the listener shares all
 * the same. */
static void tell_launcher(int listener) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(channel_name);
  if (length == 0 || length >= sizeof address.sun_path) return;
  memcpy(address.sun_path + 1, channel_name, length);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
  int channel = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (channel == -1) return;
  /* When the launcher is gone, another user may have its name, and accept no connections. */
  struct timeval patience = {.tv_sec = 1};
  if (setsockopt(channel, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
      connect(channel, (struct sockaddr*)&address, size) == 0 && is_own_user(channel)) {
    send_with(channel, "listens", 7, listener);
  }
  close(channel);
}

/* Copies an address that fits the socket. */
static void copy_address(socket_address* result, const struct sockaddr* given, socklen_t length) {
  memset(result, 0, sizeof *result);
  memcpy(result, given, length < sizeof *result ? length : sizeof *result);
}

EXPORTED int bind(int socket, const struct sockaddr* given, socklen_t length) {
  socket_kind kind;
  socket_address wanted;
  if (has_options() && given != NULL && is_of_port(socket, &kind) &&
      is_address_of(&kind, given, length)) {
    copy_address(&wanted, given, length);
    bind_decision decision = decide_bind(&options, &wanted, length, kind.ipv6_only);
    if (decision.shares && share_socket(socket, &kind) == 0) {
      return (int)syscall(SYS_bind, socket, &decision.address, decision.length);
    }
  }
  return (int)syscall(SYS_bind, socket, given, length);
}

EXPORTED int listen(int socket, int backlog) {
  int result = (int)syscall(SYS_listen, socket, backlog);
  int failure = errno;
  if (result == 0 && has_options() && is_shared_listener(socket, &options)) {
    tell_launcher(socket);
  }
  errno = failure;
  return result;
}

EXPORTED int connect(int socket, const struct sockaddr* given, socklen_t length) {
  socket_kind kind;
  socket_address wanted;
  if (has_options() && options.source.any.sa_family != 0 && given != NULL &&
      is_of_port(socket, &kind) && is_address_of(&kind, given, length)) {
    copy_address(&wanted, given, length);
    int failure = bind_source(socket, &kind, &wanted, &options);
    if (failure != 0) {
      errno = failure;
      return -1;
    }
  }
  return (int)syscall(SYS_connect, socket, given, length);
}
