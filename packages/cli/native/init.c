/*
 * The first process of a container, above a program that is not an init: it
 * passes signals on, reaps the processes that are left to it, and ends when the
 * program ends.
 */
#include "launcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(char** command, const sigset_t* mask) {
  sigprocmask(SIG_SETMASK, mask, NULL);
  execvp(command[0], command);
  int failure = errno;
  complain("%s: %s", command[0], strerror(failure));
  _exit(failure == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

/* A first process cannot end itself by a signal: its exit code reports the signal instead, as a
 * shell's does. */
static void reap(pid_t program) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == program) exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

_Noreturn void run_as_init(char** command) {
  sigset_t all, before;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, &before) != 0) {
    complain("cannot start: %s", strerror(errno));
    exit(EXIT_FAILED);
  }
  pid_t program = fork();
  if (program == -1) {
    complain("cannot start: %s", strerror(errno));
    exit(EXIT_FAILED);
  }
  if (program == 0) become(command, &before);
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(&all, &info);
    if (signal == -1) continue; /* Interrupted: nothing has come. */
    if (signal == SIGCHLD) {
      reap(program);
    } else if (info.si_code != SI_KERNEL) { /* The program also gets what comes from the terminal. */
      kill(program, signal);
    }
  }
}
