#include "launcher.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_WORDS (MOST_PASSED + 8)

/* A program may try again and again to bind: who has the port is said at most once in this time, in
 * milliseconds. */
#define EXPLAIN_INTERVAL 5000

/* How many ports are remembered. */
#define MOST_EXPLAINED 16

#define MOST_HOST INET6_ADDRSTRLEN
#define MOST_PORT 8

/* Higher than all numbers that the listeners are to have. */
#define ASIDE 200

void close_once(int* descriptor) {
  if (*descriptor != -1) close(*descriptor);
  *descriptor = -1;
}

void end_helper(helper* helper) {
  helper->pid = 0;
  close_once(&helper->input);
  close_once(&helper->output);
}

/* Becomes the helper, in the child. */
static _Noreturn void become_helper(const launch_options* options, const sigset_t* mask,
                                    const char* const* words, const int* listeners, size_t count,
                                    int input, int output) {
  const char* line[MOST_WORDS + 3] = {options->node, options->helper};
  for (size_t i = 0; i < MOST_WORDS && words[i] != NULL; i++) line[2 + i] = words[i];
  int moved[MOST_PASSED];
  for (size_t i = 0; i < count; i++) moved[i] = fcntl(listeners[i], F_DUPFD_CLOEXEC, ASIDE);
  if (dup2(input, STDIN_FILENO) == -1 || dup2(output, STDOUT_FILENO) == -1) _exit(1);
  for (size_t i = 0; i < count; i++) {
    if (dup2(moved[i], (int)(3 + i)) == -1) _exit(1);
  }
  sigprocmask(SIG_SETMASK, mask, NULL);
  execv(options->node, (char* const*)line);
  _exit(1);
}

int start_helper(const launch_options* options, const sigset_t* mask, const char* const* words,
                 const int* listeners, size_t count, helper* result) {
  *result = (helper){.input = -1, .output = -1};
  if (options->node == NULL || options->helper == NULL) return ENOENT;
  int input[2], output[2];
  if (pipe2(input, O_CLOEXEC) != 0) return errno;
  if (pipe2(output, O_CLOEXEC) != 0) {
    int failure = errno;
    close(input[0]);
    close(input[1]);
    return failure;
  }
  pid_t child = fork();
  if (child == 0) {
    become_helper(options, mask, words, listeners, count, input[0], output[1]);
  }
  int failure = child == -1 ? errno : 0;
  close(input[0]);
  close(output[1]);
  *result = (helper){.pid = child, .input = input[1], .output = output[0]};
  if (failure != 0) end_helper(result);
  return failure;
}

/* The helper that is explaining now; 0 for none. */
static pid_t explainer = 0;

static struct {
  char host[MOST_HOST];
  char port[MOST_PORT];
  int64_t at; /* 0 for none. */
} explained[MOST_EXPLAINED];

/* Whether this has not been explained for some time, or ever. Notes that it is explained now. */
static bool begin_to_explain(const char* host, const char* port) {
  size_t oldest = 0;
  for (size_t i = 0; i < MOST_EXPLAINED; i++) {
    if (explained[i].at < explained[oldest].at) oldest = i;
    if (strcmp(explained[i].host, host) != 0 || strcmp(explained[i].port, port) != 0) continue;
    if (now() - explained[i].at < EXPLAIN_INTERVAL) return false;
    explained[i].at = now();
    return true;
  }
  snprintf(explained[oldest].host, MOST_HOST, "%s", host);
  snprintf(explained[oldest].port, MOST_PORT, "%s", port);
  explained[oldest].at = now();
  return true;
}

void explainer_ended(pid_t pid) {
  if (explainer == pid) explainer = 0;
}

bool is_explaining(void) {
  return explainer != 0;
}

void stop_explaining(void) {
  if (explainer != 0) kill(explainer, SIGKILL);
}

void explain_use(const launch_options* options, const socket_address* address) {
  char host[MOST_HOST], port[MOST_PORT];
  bool is_four = address->any.sa_family == AF_INET;
  const void* bytes = is_four ? (void*)&address->four.sin_addr : (void*)&address->six.sin6_addr;
  if (options->node == NULL || options->helper == NULL || explainer != 0) return;
  if (inet_ntop(address->any.sa_family, bytes, host, sizeof host) == NULL) return;
  snprintf(port, sizeof port, "%u", port_of(address));
  if (!begin_to_explain(host, port)) return;
  const char* const line[] = {options->node, options->helper, "explain", host, port, NULL};
  pid_t child = fork();
  if (child != 0) {
    explainer = child == -1 ? 0 : child; /* It is waited for like all other children. */
    return;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execv(options->node, (char* const*)line);
  _exit(1);
}
