/*
 * The launcher: to its caller, it is the program. It passes signals on, stops
 * and continues with the program, and ends as the program ends.
 */
#include "launcher.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The signals that are passed on, besides the real-time signals. SIGTTIN and SIGTTOU mean something
 * to servers too: they make gunicorn add or remove a worker. */
static const int passed_on[] = {SIGHUP,  SIGINT,   SIGQUIT, SIGTERM, SIGUSR1,
                                SIGUSR2, SIGWINCH, SIGALRM, SIGTSTP, SIGCONT,
                                SIGTTIN, SIGTTOU};

/* Within this time, in milliseconds, the Node process above this one passes on the signals that
 * both got from the terminal. */
#define ECHO_TIME 2000

typedef struct {
  const launch_options* options;
  pid_t supervisor_pid;
  int supervisor; /* -1 when it is gone. */
  int notifications;
  struct members* members; /* The program's, if the supervisor is gone; before that, only endpoints. */
  int signals;
  pid_t program;
  pid_t parent;                        /* A Node that stays above this process; 0 for none. */
  int64_t from_terminal[MOST_SIGNALS]; /* When that signal came from the terminal; 0 if passed on. */
} launcher;

/* Ends as the program has ended. */
static _Noreturn void end_as(int status) {
  if (!WIFSIGNALED(status)) exit(WEXITSTATUS(status));
  /* The core file is the program's. */
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, WTERMSIG(status));
  signal(WTERMSIG(status), SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  raise(WTERMSIG(status));
  exit(128 + WTERMSIG(status));
}

static _Noreturn void not_started(const launch_options* options, int failure) {
  const char* command = options->command[0];
  if (failure == ENOENT) {
    complain("%s: command not found", command);
    exit(EXIT_NOT_FOUND);
  }
  complain("%s: %s", command, strerror(failure));
  exit(failure == EACCES || failure == ENOEXEC ? EXIT_NOT_EXECUTABLE : EXIT_FAILED);
}

/* Neither mechanism is left. */
static void complain_of_refusal(const launch_options* options, int failure) {
  const char* why = strerror(failure);
  if (options->mechanism == PRELOAD) {
    complain("the preload library cannot be used: %s", why);
    return;
  }
  complain("this system does not let the binds of a program be shared by seccomp (user notification,"
           " pidfd_getfd): %s. %s", why,
           options->mechanism == SECCOMP
               ? "--mechanism auto uses a preload library then"
               : "The preload library cannot be used either");
}

static void pass_on(launcher* self, int signal) {
  if (self->supervisor != -1) {
    supervisor_message message = {.kind = SAY_SIGNAL, .value = signal};
    send_with(self->supervisor, &message, sizeof message, -1);
  } else if (self->program != 0) {
    kill(self->program, signal);
  }
}

/* The process that waits for this one sees the signal that stopped it. */
static void stop_by(int signal) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  raise(signal);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  sigprocmask(SIG_BLOCK, &only, NULL);
}

/* Whether the Node process above passes on a signal that came from the terminal to this process
 * too. */
static bool is_echo(launcher* self, const struct signalfd_siginfo* info) {
  int64_t* came = &self->from_terminal[info->ssi_signo];
  bool result = self->parent != 0 && (pid_t)info->ssi_pid == self->parent && *came != 0 &&
                now() - *came < ECHO_TIME;
  if (result) *came = 0; /* It does so once. */
  return result;
}

/* The terminal stops a process that reads or writes in the background, and its whole group; anybody
 * else who sends these two signals wants something of the program. */
static bool is_stopping(int signal, bool of_terminal) {
  return signal == SIGTSTP || (of_terminal && (signal == SIGTTIN || signal == SIGTTOU));
}

static void hear_signals(launcher* self) {
  struct signalfd_siginfo info;
  while (read(self->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    int signal = (int)info.ssi_signo;
    if (signal == SIGCHLD) continue;
    /* What comes from the terminal comes to the program too: it is in the same process group. */
    bool of_terminal = info.ssi_code == SI_KERNEL;
    if (of_terminal) self->from_terminal[signal] = now();
    if (!of_terminal && is_echo(self, &info)) continue;
    if (!of_terminal || signal == SIGINT) pass_on(self, signal);
    if (is_stopping(signal, of_terminal)) stop_by(signal);
  }
}

/* Whether the program is a child of this process. When the supervisor has ended, it is, even if it has
 * ended too, unless the supervisor has waited for it. */
static bool has_program(const launcher* self) {
  siginfo_t info;
  /* The supervisor's channel ends before its children get another parent. */
  waitpid(self->supervisor_pid, NULL, 0);
  return self->program != 0 &&
         waitid(P_PID, (id_t)self->program, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* The program still has its listeners: they must not be taken for orphans. */
static void replace_supervisor(launcher* self) {
  close(self->supervisor);
  self->supervisor = -1;
  if (!has_program(self)) exit(EXIT_FAILED);
  allow_descriptors();
  join_groups_of_descendants(self->members, self->options);
  members_drop_endpoints(self->members);
}

/* Hears the supervisor; it may have been killed. */
static void hear_supervisor(launcher* self) {
  supervisor_message message;
  int attached;
  ssize_t length = receive_with(self->supervisor, &message, sizeof message, &attached);
  /* The supervisor ended without hearing the last signal: this error comes before its last message. */
  if (length == -1 && errno == ECONNRESET) {
    length = receive_with(self->supervisor, &message, sizeof message, &attached);
  }
  if (length != (ssize_t)sizeof message) {
    replace_supervisor(self);
    return;
  }
  switch (message.kind) {
    case SAY_STARTED:
      leave_output(false);
      self->program = message.value;
      self->notifications = attached;
      break;
    case SAY_NOT_STARTED:
      not_started(self->options, message.value);
    case SAY_REFUSED:
      complain_of_refusal(self->options, message.value);
      exit(EXIT_UNSUPPORTED);
    case SAY_JOINED:
      if (attached != -1) members_keep_endpoint(self->members, message.inode, attached);
      break;
    case SAY_LEFT:
      members_drop_endpoint(self->members, message.inode);
      break;
    case SAY_EXITED:
      if (message.ends) waitpid(self->supervisor_pid, NULL, 0);
      end_as(message.value);
    default:
      break;
  }
}

/* Without the supervisor, its children are the launcher's, which then reaps them. */
static void reap(launcher* self) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    explainer_ended(pid);
    if (pid == self->program && self->supervisor == -1) end_as(status);
  }
}

/* How long nothing has to be done, in milliseconds; -1 until something comes. */
static int timeout_of(const launcher* self) {
  if (has_many_closing()) return ACCEPT_PAUSE;
  int64_t next = members_next(self->members, false);
  if (next == 0) return -1;
  return next > now() ? (int)(next - now()) : 0;
}

static _Noreturn void launch(launcher* self) {
  enum { SIGNALS, SUPERVISOR, NOTIFICATIONS, FIRST_MEMBER };
  static struct pollfd list[FIRST_MEMBER + MOST_POLLED];
  for (;;) {
    list[SIGNALS] = (struct pollfd){.fd = self->signals, .events = POLLIN};
    list[SUPERVISOR] = (struct pollfd){.fd = self->supervisor, .events = POLLIN};
    /* Only if the supervisor is gone: then nobody else answers. */
    int notifications = self->supervisor == -1 ? self->notifications : -1;
    list[NOTIFICATIONS] = (struct pollfd){.fd = notifications, .events = POLLIN};
    struct pollfd* of_members = list + FIRST_MEMBER;
    size_t count = members_poll(self->members, of_members, MOST_POLLED);
    int ready = poll(list, FIRST_MEMBER + count, timeout_of(self));
    if (ready == -1 && errno != EINTR) exit(EXIT_FAILED);
    if (ready >= 0) members_hear(self->members, of_members, count);
    if (ready > 0) {
      if (list[SIGNALS].revents != 0) hear_signals(self);
      if (list[SUPERVISOR].revents != 0) hear_supervisor(self);
      if ((list[NOTIFICATIONS].revents & POLLIN) != 0) {
        answer_notification(self->notifications, self->options, self->members);
      } else if (list[NOTIFICATIONS].revents != 0) {
        close_once(&self->notifications);
      }
    }
    reap(self);
  }
}

static void set_heard_signals(sigset_t* heard) {
  sigemptyset(heard);
  sigaddset(heard, SIGCHLD);
  for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
    sigaddset(heard, passed_on[i]);
  }
  /* If this program is linked with musl, the signal 34, which is SIGRTMIN of glibc, is reserved for
   * musl. */
  for (int signal = SIGRTMIN; signal <= SIGRTMAX && signal < MOST_SIGNALS; signal++) {
    sigaddset(heard, signal);
  }
}

int main(int count, char** arguments) {
  if (count > 2 && strcmp(arguments[1], "--init") == 0) run_as_init(arguments + 2);
  launch_options options;
  if (parse_options(count, arguments, &options) != 0) return EXIT_USAGE;
  int pair[2];
  sigset_t heard, before;
  set_heard_signals(&heard);
  launcher self = {.options = &options, .notifications = -1};
  pid_t parent = getppid();
  if (options.ends_with_parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) return EXIT_FAILED;
    self.parent = parent;
  }
  if (sigprocmask(SIG_BLOCK, &heard, &before) != 0 ||
      (self.signals = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK)) == -1 ||
      prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    complain("cannot start: %s", strerror(errno));
    return EXIT_FAILED;
  }
  self.members = open_members(&options, NULL);
  pid_t child = self.members == NULL ? -1 : fork();
  if (child == -1) {
    complain("cannot start: %s", strerror(errno));
    return EXIT_FAILED;
  }
  if (child == 0) {
    close(pair[0]);
    close(self.signals);
    supervise(&options, pair[1], &before);
  }
  close(pair[1]);
  self.supervisor = pair[0];
  self.supervisor_pid = child;
  launch(&self);
}
