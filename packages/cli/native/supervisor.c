/*
 * The supervisor: the parent of the program, and of everything that the program
 * starts and leaves behind. It blocks all signals, and passes on those that the
 * launcher gets when the program's listeners are out of their groups.
 */
#include "launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long the listeners of a program that has ended by itself wait for another program, in
 * milliseconds. */
#define ORPHAN_PATIENCE 5000

/* How long the helper may take when the program has ended, in milliseconds. */
#define HELPER_PATIENCE 2000

/* A signal to the group reaches all of it within this time, in milliseconds: this is how long the
 * supervisor waits to hear from the launcher before a signal counts as sent to this process alone. */
#define GROUP_TIME 200

/* On a busy machine, it may hear from the launcher this much later, in milliseconds. */
#define GROUP_MEMORY 2000

typedef struct {
  const launch_options* options;
  const sigset_t* mask;
  int launcher;
  int notifications;
  int signals;
  int64_t noted[MOST_SIGNALS]; /* When this process got each signal. */
  int own_signal;              /* One that may be for this process alone; 0 for none. */
  int64_t own_deadline;        /* By then the launcher has said whether it got the signal too. */
  int passed; /* Where a preload library passes listeners. */
  int64_t accept_at; /* No listener is accepted there before this time. */
  struct members* members;
  pid_t program; /* 0 when it has ended. */
  int status;
  bool crashed; /* It has ended, and not because it was told to. */
  enum { RUNNING, LEAVING, LEFT, ORPHANED } state;
  int signal; /* The one that the program gets when its listeners are out. */
  int64_t deadline;
  helper leaver; /* Its input is closed when the program has ended. */
  helper arranger;
  uint64_t arranged; /* The listener whose group it arranges. */
} supervisor;

int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void say(const supervisor* self, supervisor_message message, int attached) {
  if (self->launcher != -1) send_with(self->launcher, &message, sizeof message, attached);
}

/* ---- leaving --------------------------------------------------------------- */

/* The program gets it or, if it has ended, what it has left behind: the children of this process. */
static void send_signal(const supervisor* self, int signal) {
  const pid_t helpers[] = {self->leaver.pid, self->arranger.pid};
  if (self->program != 0) kill(self->program, signal);
  else signal_children(signal, helpers, sizeof helpers / sizeof *helpers);
}

static void pass_signal(supervisor* self) {
  if (self->signal != 0) send_signal(self, self->signal);
  self->signal = 0;
  self->state = LEFT;
  /* Members with @reuse serve what comes from now on or, if a helper is at work, when it has ended. */
  if (self->leaver.pid == 0) members_leave(self->members);
}

static int start_leaver(supervisor* self, const int* listeners, size_t count) {
  char how_many[24], leave_time[16], drain_time[16];
  snprintf(how_many, sizeof how_many, "%zu", count);
  snprintf(leave_time, sizeof leave_time, "%d", self->options->leave_timeout);
  snprintf(drain_time, sizeof drain_time, "%d", self->options->drain);
  const char* const words[] = {"retire", how_many, leave_time, drain_time, NULL};
  return start_helper(self->options, self->mask, words, listeners, count, &self->leaver);
}

static int signal_for(const supervisor* self, int signal) {
  return signal == SIGTERM ? self->options->stop_signal : signal;
}

/* Takes the listeners out of their groups; then the program gets the signal. */
static void leave(supervisor* self, int signal) {
  self->signal = signal_for(self, signal);
  self->state = LEAVING;
  self->deadline = now() + self->options->leave_timeout + self->options->drain;
  int listeners[MOST_PASSED];
  size_t count = members_replaceable(self->members, listeners, MOST_PASSED);
  int failure = count == 0 ? 0 : start_leaver(self, listeners, count);
  for (size_t i = 0; i < count; i++) close(listeners[i]);
  if (failure != 0) {
    explain(self->options, "what waits at the program's ports may be lost: %s",
            strerror(failure));
  }
  if (self->leaver.pid == 0) {
    pass_signal(self);
  } else {
    explain(self->options, "the program leaves its ports before it gets signal %d", self->signal);
  }
}

/* Not SIGQUIT as such: it makes a JVM print its threads and go on serving. */
static bool is_ending(const supervisor* self, int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == self->options->stop_signal;
}

/* Notes which signals this process has got. Usually they were sent to its group. */
static void note_signals(supervisor* self) {
  struct signalfd_siginfo info;
  while (read(self->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    int signal = (int)info.ssi_signo;
    if (signal >= MOST_SIGNALS) continue;
    self->noted[signal] = now();
    /* What comes from the terminal reaches all. */
    if (!is_ending(self, signal) || info.ssi_code == SI_KERNEL) continue;
    self->own_signal = signal;
    self->own_deadline = now() + GROUP_TIME;
  }
}

/* Whether a signal went to the whole process group, and so to the program too. */
static bool is_of_group(supervisor* self, int signal) {
  note_signals(self);
  bool result = self->noted[signal] != 0 && now() - self->noted[signal] < GROUP_MEMORY;
  self->noted[signal] = 0; /* The next one is a new signal. */
  return result;
}

static void act_on_signal(supervisor* self, int signal, bool of_group) {
  bool ends = is_ending(self, signal);
  if (self->state == RUNNING && ends && members_count(self->members) > 0) {
    leave(self, of_group ? 0 : signal);
    return;
  }
  if (self->state == LEAVING && ends && self->signal != 0) {
    pass_signal(self); /* The signal waits no longer. */
    return;
  }
  if (!of_group) send_signal(self, signal_for(self, signal));
}

static void hear_signal(supervisor* self, int signal) {
  if (self->program == 0 || signal < 1 || signal >= MOST_SIGNALS) return;
  bool of_group = is_of_group(self, signal);
  if (self->own_signal == signal) self->own_signal = 0;
  act_on_signal(self, signal, of_group);
}

static void hear_leaver(supervisor* self) {
  char text[64];
  ssize_t length = read(self->leaver.output, text, sizeof text);
  if (length == -1 && errno == EINTR) return;
  if (length <= 0) close_once(&self->leaver.output);
  /* The helper says that the listeners are empty, or it has ended. */
  if (self->state == LEAVING) pass_signal(self);
}

/* ---- processes ------------------------------------------------------------- */

/* The program has ended without leaving. What waits at the listeners that none of its processes has
 * is kept for a while, for a process that takes them: usually the next start of the program.
 * Members with @reuse serve it immediately. */
static void orphan(supervisor* self, bool is_alone) {
  if (self->state != RUNNING && self->state != ORPHANED) return;
  if (!members_orphan(self->members, is_alone)) return;
  self->state = ORPHANED;
  self->deadline = now() + ORPHAN_PATIENCE;
  members_release_held(self->members);
}

void leave_output(bool errors_too) {
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing == -1) return;
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  if (errors_too) dup2(nothing, STDERR_FILENO);
  if (nothing > STDERR_FILENO) close(nothing);
}

static bool has_crashed(int status) {
  return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static void program_ended(supervisor* self, int status) {
  self->program = 0;
  self->status = status;
  close_once(&self->leaver.input);
  self->signal = 0; /* It was for the program alone. */
  if (self->state == LEAVING) pass_signal(self);
  self->deadline = now() + HELPER_PATIENCE;
  self->crashed = self->state == RUNNING && self->launcher != -1 && has_crashed(status);
}

static bool has_orphans(const supervisor* self) {
  return self->state == ORPHANED && members_count(self->members) > 0;
}

static void child_ended(supervisor* self, pid_t pid, int status) {
  explainer_ended(pid);
  if (pid == self->program) program_ended(self, status);
  if (pid == self->leaver.pid) {
    end_helper(&self->leaver);
    if (self->state == LEAVING) pass_signal(self);
    members_leave(self->members);
  }
  if (pid == self->arranger.pid) {
    end_helper(&self->arranger);
    members_arranged(self->members, self->arranged, WIFEXITED(status) && status == 0);
  }
}

/* Reaps all processes that have ended; false when none is left. */
static bool reap(supervisor* self) {
  int status;
  pid_t pid;
  bool any = false;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    child_ended(self, pid, status);
    any = true;
  }
  bool is_alone = pid == -1 && errno == ECHILD;
  /* Some processes that the program has started may go on serving; this may change with each that
   * ends. */
  if (any && self->crashed) orphan(self, is_alone);
  return !is_alone || has_orphans(self);
}

/* One at a time, and not while a helper takes listeners out. */
static bool can_arrange(const supervisor* self) {
  return self->arranger.pid == 0 && self->state == RUNNING;
}

/* Has a group steered as its members want it. */
static void arrange(supervisor* self) {
  arrangement wanted;
  if (!can_arrange(self) || !members_arrangement(self->members, &wanted)) return;
  const char* words[MOST_PASSED + 4] = {"arrange", wanted.policy};
  for (size_t i = 0; i < wanted.count; i++) words[2 + i] = wanted.weights[i];
  self->arranged = wanted.inode;
  int failure = start_helper(self->options, self->mask, words, wanted.listeners, wanted.count,
                             &self->arranger);
  if (failure == 0) return;
  explain(self->options, "the group cannot be steered: %s", strerror(failure));
  members_arranged(self->members, wanted.inode, false);
}

/* The launcher ends with the program, but not before the program's listeners are out, and it has
 * been said why a bind of the program failed. */
static void tell_end(supervisor* self, bool ends) {
  if (self->program != 0 || self->launcher == -1) return;
  if ((self->leaver.pid != 0 || is_explaining()) && now() < self->deadline) return;
  leave_output(true);
  say(self, (supervisor_message){.kind = SAY_EXITED, .value = self->status, .ends = ends}, -1);
  close_once(&self->launcher);
}

static void hear_launcher(supervisor* self) {
  supervisor_message message;
  int attached;
  ssize_t length = receive_with(self->launcher, &message, sizeof message, &attached);
  if (attached != -1) close(attached);
  if (length == (ssize_t)sizeof message) {
    if (message.kind == SAY_SIGNAL) hear_signal(self, message.value);
    return;
  }
  /* The launcher was killed: if there were no launcher, the program would have been killed. */
  close_once(&self->launcher);
  if (self->program != 0) kill(self->program, SIGKILL);
}

static void hear_notifications(supervisor* self, short events) {
  if ((events & POLLIN) != 0) {
    answer_notification(self->notifications, self->options, self->members);
  } else {
    close_once(&self->notifications); /* Nobody is left who could ask. */
  }
}

/* Whether there is something that has a deadline. */
static bool is_timed(const supervisor* self) {
  bool is_ending = self->program == 0 && self->launcher != -1 && is_explaining();
  return self->state == LEAVING || self->state == ORPHANED || self->leaver.pid != 0 || is_ending;
}

/* What was sent to this process alone is for the program, or for what is left of it: others, such
 * as `reuse stop`, know this process as the member of the program's group. */
static void hear_own_signal(supervisor* self) {
  if (self->own_signal == 0 || now() < self->own_deadline) return;
  int signal = self->own_signal;
  self->own_signal = 0;
  self->noted[signal] = 0;
  act_on_signal(self, signal, false);
}

/* The earlier of two times, where 0 stands for none. */
static int64_t earlier(int64_t one, int64_t other) {
  if (one == 0 || other == 0) return one + other;
  return one < other ? one : other;
}

static int timeout_of(const supervisor* self) {
  int64_t next = members_next(self->members, can_arrange(self));
  if (self->own_signal != 0) next = earlier(next, self->own_deadline);
  if (is_timed(self)) next = earlier(next, self->deadline);
  if (has_many_closing()) next = earlier(next, now() + ACCEPT_PAUSE);
  if (self->accept_at > now()) next = earlier(next, self->accept_at);
  if (next == 0) return -1;
  int64_t left = next - now();
  return left > 0 ? (int)left : 0;
}

/* Nobody has taken the orphans. */
static void leave_orphans(supervisor* self) {
  members_leave_orphans(self->members);
  self->state = RUNNING;
}

static void pass_time(supervisor* self) {
  if (!is_timed(self) || now() < self->deadline) return;
  if (self->state == LEAVING) pass_signal(self);
  else if (self->state == ORPHANED) leave_orphans(self);
  else if (self->leaver.pid != 0 && self->program == 0) kill(self->leaver.pid, SIGKILL);
  else stop_explaining();
  self->deadline = now() + HELPER_PATIENCE;
}

/* Takes the listeners that a preload library passes. */
static void hear_preload(supervisor* self) {
  char text[16];
  int passer = accept4(self->passed, NULL, NULL, SOCK_CLOEXEC);
  if (passer == -1) {
    /* As for the connections of members. */
    if (errno != EAGAIN) self->accept_at = now() + ACCEPT_PAUSE;
    return;
  }
  if (!is_own_user(passer)) {
    close_aside(passer);
    return;
  }
  int listener = -1;
  struct pollfd one = {.fd = passer, .events = POLLIN};
  /* The library sends right after it has connected; a process that does not is not waited for. */
  if (poll(&one, 1, 100) == 1) receive_with(passer, text, sizeof text, &listener);
  close(passer);
  if (listener == -1) return;
  if (is_shared_listener(listener, self->options)) join_group(self->members, listener);
  close(listener);
}

/* One turn: waits until something happens, and handles it. */
static bool turn(supervisor* self) {
  enum { LAUNCHER, NOTIFICATIONS, SIGNALS, LEAVER, PASSED, FIRST_MEMBER };
  struct pollfd list[FIRST_MEMBER + MOST_POLLED];
  list[LAUNCHER] = (struct pollfd){.fd = self->launcher, .events = POLLIN};
  list[NOTIFICATIONS] = (struct pollfd){.fd = self->notifications, .events = POLLIN};
  list[SIGNALS] = (struct pollfd){.fd = self->signals, .events = POLLIN};
  list[LEAVER] = (struct pollfd){.fd = self->leaver.output, .events = POLLIN};
  int passed = has_many_closing() || self->accept_at > now() ? -1 : self->passed;
  list[PASSED] = (struct pollfd){.fd = passed, .events = POLLIN};
  size_t members = members_poll(self->members, list + FIRST_MEMBER, MOST_POLLED);
  int ready = poll(list, FIRST_MEMBER + members, timeout_of(self));
  if (ready == -1 && errno != EINTR) return false;
  if (ready >= 0) members_hear(self->members, list + FIRST_MEMBER, members);
  if (ready > 0) {
    if (list[NOTIFICATIONS].revents != 0) hear_notifications(self, list[NOTIFICATIONS].revents);
    if (list[PASSED].revents != 0) hear_preload(self);
    if (list[LAUNCHER].revents != 0) hear_launcher(self);
    if (list[LEAVER].revents != 0) hear_leaver(self);
    if (list[SIGNALS].revents != 0) note_signals(self);
  }
  pass_time(self);
  hear_own_signal(self);
  arrange(self);
  bool anybody = reap(self);
  tell_end(self, !anybody);
  return anybody;
}

void allow_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit); /* If that fails, it can hold fewer. */
}

/* What has to be there before the program is started. */
static int prepare(supervisor* self, char* channel) {
  sigset_t all;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, NULL) != 0) return errno;
  self->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (self->signals == -1) return errno;
  /* What the program starts and leaves behind stays below this process: by default, Yama lets a
   * process look into its descendants only. */
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return errno;
  self->members = open_members(self->options, &self->launcher);
  if (self->members == NULL) return ENOMEM;
  if (self->options->preload == NULL) return 0;
  snprintf(channel, MOST_NAME, "reuse-exec/%d/%llx", getpid(), (unsigned long long)now());
  return open_endpoint(channel, &self->passed);
}

_Noreturn void supervise(const launch_options* options, int launcher, const sigset_t* mask) {
  supervisor self = {.options = options,
                     .mask = mask,
                     .launcher = launcher,
                     .passed = -1,
                     .leaver = {.input = -1, .output = -1},
                     .arranger = {.input = -1, .output = -1}};
  char channel[MOST_NAME] = "";
  started_program started;
  int failure = prepare(&self, channel);
  if (failure != 0) {
    complain("cannot start: %s", strerror(failure));
    _exit(EXIT_FAILED); /* The launcher then ends in the same way. */
  }
  failure = start_program(options, mask, channel, &started);
  if (failure != 0) {
    int kind = started.is_refused ? SAY_REFUSED : SAY_NOT_STARTED;
    say(&self, (supervisor_message){.kind = kind, .value = failure, .ends = true}, -1);
    _exit(EXIT_FAILED);
  }
  allow_descriptors();
  leave_output(false);
  self.program = started.program;
  self.notifications = started.notifications;
  say(&self, (supervisor_message){.kind = SAY_STARTED, .value = (int)self.program},
      self.notifications);
  while (turn(&self)) continue;
  _exit(0);
}
