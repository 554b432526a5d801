#include "launcher.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MOST_WORDS (MOST_PASSED + 8)

/* Above all numbers that the listeners are to have. */
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

void explain_use(const launch_options* options, const socket_address* address) {
  char host[INET6_ADDRSTRLEN], port[8];
  bool is_four = address->any.sa_family == AF_INET;
  const void* bytes = is_four ? (void*)&address->four.sin_addr : (void*)&address->six.sin6_addr;
  if (options->node == NULL || options->helper == NULL) return;
  if (inet_ntop(address->any.sa_family, bytes, host, sizeof host) == NULL) return;
  snprintf(port, sizeof port, "%u", port_of(address));
  const char* const line[] = {options->node, options->helper, "explain", host, port, NULL};
  if (fork() != 0) return; /* It is waited for like all others. */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execv(options->node, (char* const*)line);
  _exit(1);
}
