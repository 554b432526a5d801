#include "launcher.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How many parents are followed: if pids are reused meanwhile, they may form a loop. */
#define MOST_PARENTS 64

static bool descends_from(pid_t process, pid_t ancestor) {
  for (int i = 0; process > 1 && i < MOST_PARENTS; i++) {
    process = parent_of(process);
    if (process == ancestor) return true;
  }
  return false;
}

/* Whether a process has a descriptor of the socket; also true if the process cannot be inspected. */
static bool has_socket(pid_t process, uint64_t inode) {
  char folder[32], wanted[48], target[64];
  snprintf(folder, sizeof folder, "/proc/%d/fd", process);
  snprintf(wanted, sizeof wanted, "socket:[%llu]", (unsigned long long)inode);
  DIR* descriptors = opendir(folder);
  /* The folder of a process that has ended and that nobody has waited for is root's. */
  if (descriptors == NULL) return !has_ended(process);
  bool found = false;
  struct dirent* entry;
  while (!found && (entry = readdir(descriptors)) != NULL) {
    ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1);
    if (length == -1) continue;
    target[length] = '\0';
    found = strcmp(target, wanted) == 0;
  }
  closedir(descriptors);
  return found;
}

bool others_have(pid_t spared, uint64_t inode) {
  DIR* processes = opendir("/proc");
  if (processes == NULL) return true;
  bool found = false;
  struct dirent* entry;
  while (!found && (entry = readdir(processes)) != NULL) {
    pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
    if (process <= 0 || process == spared) continue;
    if (descends_from(process, getpid())) found = has_socket(process, inode);
  }
  closedir(processes);
  return found;
}

bool descendants_have(uint64_t inode) {
  return others_have(0, inode);
}

static void join_group_of(struct members* members, const launch_options* options, pid_t process,
                          int descriptor) {
  int socket, listens = 0;
  socklen_t size = sizeof listens;
  if (take_descriptor(process, descriptor, &socket) != 0) return;
  if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
      is_shared_listener(socket, options)) {
    join_group(members, socket);
  }
  close(socket);
}

static void join_groups_of(struct members* members, const launch_options* options,
                           pid_t process) {
  char folder[32], target[64];
  snprintf(folder, sizeof folder, "/proc/%d/fd", process);
  DIR* descriptors = opendir(folder);
  if (descriptors == NULL) return;
  struct dirent* entry;
  while ((entry = readdir(descriptors)) != NULL) {
    ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target);
    if (length < 7 || memcmp(target, "socket:", 7) != 0) continue;
    join_group_of(members, options, process, (int)strtol(entry->d_name, NULL, 10));
  }
  closedir(descriptors);
}

void join_groups_of_descendants(struct members* members, const launch_options* options) {
  DIR* processes = opendir("/proc");
  if (processes == NULL) return;
  struct dirent* entry;
  while ((entry = readdir(processes)) != NULL) {
    pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
    if (process <= 0 || !descends_from(process, getpid()) || !has_own_network(process)) continue;
    join_groups_of(members, options, process);
  }
  closedir(processes);
}

static bool is_one_of(pid_t process, const pid_t* list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (list[i] == process) return true;
  }
  return false;
}

void signal_children(int signal, const pid_t* spared, size_t count) {
  DIR* processes = opendir("/proc");
  if (processes == NULL) return;
  struct dirent* entry;
  while ((entry = readdir(processes)) != NULL) {
    pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
    if (process <= 0 || is_one_of(process, spared, count)) continue;
    /* Only this process waits for a child, so its pid cannot be another's meanwhile. */
    if (parent_of(process) == getpid()) kill(process, signal);
  }
  closedir(processes);
}
