#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says before it becomes the program. */
typedef struct {
  enum { FILTERED, PRELOADED, REFUSED, NOT_EXECUTED } kind;
  int failure;
} child_message;

/* What follows runs in the child, until it becomes the program. */

/* Puts the library and what it has to know into the environment. */
static int prepare_preload(const launch_options* options, const char* channel) {
  if (options->preload == NULL) return ENOENT;
  if (access(options->preload, R_OK) != 0) return errno; /* The program would run without it. */
  /* The C libraries have no way to escape such a path. */
  if (strpbrk(options->preload, ": \t\n\v\f\r") != NULL) {
    complain("the path of the preload library has a blank or a colon, which LD_PRELOAD cannot have:"
             " install the package in another folder: %s", options->preload);
    return EINVAL;
  }
  const char* before = getenv("LD_PRELOAD");
  size_t size = strlen(options->preload) + (before == NULL ? 0 : strlen(before)) + 2;
  for (int i = 1; i < options->setting_count; i++) size += strlen(options->arguments[i]) + 1;
  char* text = malloc(size);
  if (text == NULL) return ENOMEM;
  snprintf(text, size, before == NULL || *before == '\0' ? "%s" : "%s:%s", options->preload,
           before);
  int failure = setenv("LD_PRELOAD", text, 1) == 0 ? 0 : errno;
  text[0] = '\0';
  for (int i = 1; i < options->setting_count; i++) {
    strcat(text, options->arguments[i]);
    strcat(text, "\n");
  }
  if (failure == 0 && setenv(PRELOAD_OPTIONS, text, 1) != 0) failure = errno;
  if (failure == 0 && setenv(PRELOAD_CHANNEL, channel, 1) != 0) failure = errno;
  free(text);
  return failure;
}

static int say(int channel, int kind, int failure, int attached) {
  child_message message = {.kind = kind, .failure = failure};
  return send_with(channel, &message, sizeof message, attached);
}

/* Where the shell would find a command; NULL if nowhere. The caller provides the room. */
static const char* find_command(const char* command, char* file, size_t size) {
  if (strchr(command, '/') != NULL) return command;
  const char* path = getenv("PATH");
  while (path != NULL && *path != '\0') {
    int length = (int)strcspn(path, ":");
    int written = snprintf(file, size, "%.*s/%s", length, path, command);
    if (written > 0 && (size_t)written < size && access(file, X_OK) == 0) return file;
    path += length;
    if (*path == ':') path++;
  }
  return NULL;
}

/* Without privileges, only a process that gives up gaining any may set a filter. */
static void warn_of_setuid(const char* command) {
  char room[4096];
  struct stat status;
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return;
  const char* file = find_command(command, room, sizeof room);
  if (file == NULL || stat(file, &status) != 0 || (status.st_mode & (S_ISUID | S_ISGID)) == 0) return;
  complain("%s is setuid or setgid, and does not get the rights of its owner here: start it without"
           " reuse exec, or with --mechanism preload, which does not reach it", command);
}

/* Makes its binds share, by one mechanism or the other. */
static int become_supervised(const launch_options* options, int mechanism, const char* channel,
                             int launcher) {
  int failure = 0, notifications;
  if (mechanism != PRELOAD) {
    failure = install_filter(options->source.any.sa_family != 0, &notifications);
    if (failure == 0) {
      failure = say(launcher, FILTERED, 0, notifications);
      close(notifications);
      return failure;
    }
    if (mechanism == SECCOMP) return failure;
  }
  int refused = failure;
  failure = prepare_preload(options, channel);
  if (failure != 0) return refused != 0 ? refused : failure;
  return say(launcher, PRELOADED, refused, -1);
}

static _Noreturn void become_program(const launch_options* options, const sigset_t* mask,
                                     const char* channel, int launcher) {
  int mechanism, attached;
  if (receive_with(launcher, &mechanism, sizeof mechanism, &attached) != sizeof mechanism) {
    _exit(EXIT_FAILED);
  }
  int failure = become_supervised(options, mechanism, channel, launcher);
  if (failure != 0) {
    say(launcher, REFUSED, failure, -1);
    _exit(EXIT_FAILED);
  }
  /* Node ignores these two, and what is ignored stays ignored. */
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  sigprocmask(SIG_SETMASK, mask, NULL);
  warn_of_setuid(options->command[0]);
  execvp(options->command[0], options->command);
  say(launcher, NOT_EXECUTED, errno, -1);
  _exit(EXIT_FAILED);
}

/* What follows runs in the supervisor. */

/* With seccomp alone, nothing is shared if the program's sockets cannot be taken: because of Yama,
 * or in a container. So this tries to take one. */
static int try_to_take(pid_t child, int descriptor) {
  int taken;
  int failure = take_descriptor(child, descriptor, &taken);
  if (failure == 0) close(taken);
  return failure;
}

static void explain_mechanism(const launch_options* options, int kind, int seccomp, int taking) {
  if (kind == FILTERED) explain(options, "binds are shared by seccomp");
  if (kind != PRELOADED) return;
  explain(options,
          "binds are shared by a preload library, which does not reach static programs and those"
          " that make system calls themselves: %s%s",
          seccomp != 0  ? "seccomp user notification is refused: "
          : taking != 0 ? "the program's sockets cannot be taken (pidfd_getfd): "
                        : "it was chosen",
          seccomp != 0 ? strerror(seccomp) : taking != 0 ? strerror(taking) : "");
}

int start_program(const launch_options* options, const sigset_t* mask, const char* channel,
                  started_program* result) {
  int pair[2];
  *result = (started_program){.notifications = -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return errno;
  pid_t child = fork();
  if (child == -1) {
    int failure = errno;
    close(pair[0]);
    close(pair[1]);
    return failure;
  }
  if (child == 0) {
    close(pair[0]);
    become_program(options, mask, channel, pair[1]);
  }
  int mechanism = options->mechanism;
  int taking = mechanism == PRELOAD ? 0 : try_to_take(child, pair[1]);
  close(pair[1]);
  if (taking != 0 && (mechanism == SECCOMP || options->preload == NULL)) {
    close(pair[0]); /* The child ends. */
    waitpid(child, NULL, 0);
    result->is_refused = true;
    return taking;
  }
  if (taking != 0) mechanism = PRELOAD;
  int failure = send_with(pair[0], &mechanism, sizeof mechanism, -1);
  bool is_ready = false;
  child_message message;
  int attached;
  /* The channel ends when the child has become the program. */
  while (receive_with(pair[0], &message, sizeof message, &attached) == (ssize_t)sizeof message) {
    failure = message.failure;
    if (attached != -1) result->notifications = attached;
    result->is_refused = message.kind == REFUSED;
    is_ready = message.kind == FILTERED || message.kind == PRELOADED;
    explain_mechanism(options, message.kind, failure, taking);
  }
  close(pair[0]);
  result->program = child;
  if (is_ready) return 0;
  return failure == 0 ? ECHILD : failure; /* It was killed before that. */
}
