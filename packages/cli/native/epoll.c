/*
 * What waits for a socket by epoll. An epoll keeps the socket itself, not the
 * number of its descriptor: it would go on waiting for a socket that has been
 * replaced. So the socket in its place is registered in the same way. A copy of
 * this process does that, because in the copy the socket can have the same
 * number.
 */
#include "launcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

/* Adds the registrations of the two sockets in one epoll; proc(5). */
static int read_epoll(pid_t process, int number, uint64_t socket, uint64_t other,
                      registrations* found) {
  char name[64], line[256];
  int failure = 0;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", process, number);
  FILE* lines = fopen(name, "re");
  if (lines == NULL) return errno == ENOENT ? 0 : errno;
  while (failure == 0 && fgets(line, sizeof line, lines) != NULL) {
    struct registration one;
    unsigned long long data, inode;
    int read = sscanf(line, "tfd: %d events: %x data: %llx pos:%*d ino:%llx", &one.number,
                      &one.events, &data, &inode);
    if (read != 4 || (inode != socket && inode != other)) continue;
    one.data = data;
    one.is_old = inode == other;
    if (found->count == MOST_REGISTRATIONS) failure = ENOSPC;
    else failure = take_descriptor(process, number, &one.epoll);
    if (failure == 0) found->list[found->count++] = one;
  }
  fclose(lines);
  return failure;
}

/* Whether the socket is registered only by the number that it has. */
static bool is_replaceable(const registrations* list, int descriptor) {
  for (size_t i = 0; i < list->count; i++) {
    if (!list->list[i].is_old && list->list[i].number != descriptor) return false;
  }
  return true;
}

int find_registrations(pid_t process, int descriptor, int socket, int other,
                       registrations* result) {
  char folder[32], target[64], own[48];
  uint64_t inode = inode_of(socket);
  result->count = 0;
  snprintf(own, sizeof own, "socket:[%llu]", (unsigned long long)inode);
  snprintf(folder, sizeof folder, "/proc/%d/fd", process);
  DIR* descriptors = opendir(folder);
  if (descriptors == NULL) return errno;
  int failure = 0;
  struct dirent* entry;
  while (failure == 0 && (entry = readdir(descriptors)) != NULL) {
    int number = (int)strtol(entry->d_name, NULL, 10);
    ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target - 1);
    if (length == -1) continue;
    target[length] = '\0';
    if (strcmp(target, own) == 0 && number != descriptor) failure = EBUSY;
    if (strcmp(target, "anon_inode:[eventpoll]") != 0) continue;
    failure = read_epoll(process, number, inode, inode_of(other), result);
  }
  closedir(descriptors);
  if (failure != 0) return failure;
  return is_replaceable(result, descriptor) && !others_have(process, inode) ? 0 : EBUSY;
}

void close_registrations(registrations* list) {
  for (size_t i = 0; i < list->count; i++) close(list->list[i].epoll);
  list->count = 0;
}

/* Registers a socket where another one was. Runs in the copy, which has its own descriptors. */
static bool move_registrations(const registrations* list, int other, int descriptor) {
  int epolls[MOST_REGISTRATIONS], highest = descriptor;
  for (size_t i = 0; i < list->count; i++) {
    if (list->list[i].number > highest) highest = list->list[i].number;
  }
  /* Moves the epolls out of the way of the numbers that the socket is to have. */
  for (size_t i = 0; i < list->count; i++) {
    epolls[i] = fcntl(list->list[i].epoll, F_DUPFD_CLOEXEC, highest + 1);
    if (epolls[i] == -1) return false;
  }
  other = fcntl(other, F_DUPFD_CLOEXEC, highest + 1);
  if (other == -1) return false;
  for (size_t i = 0; i < list->count; i++) {
    const struct registration* one = &list->list[i];
    if (!one->is_old) continue;
    /* The process relied on its close to end this; but the socket is still open in this process. */
    if (dup2(other, one->number) == -1) return false;
    epoll_ctl(epolls[i], EPOLL_CTL_DEL, one->number, NULL);
  }
  if (dup2(other, descriptor) == -1) return false;
  for (size_t i = 0; i < list->count; i++) {
    const struct registration* one = &list->list[i];
    struct epoll_event event = {.events = one->events, .data.u64 = one->data};
    if (one->is_old || epoll_ctl(epolls[i], EPOLL_CTL_ADD, descriptor, &event) == 0) continue;
    if (errno == EEXIST) continue; /* The epoll has two descriptors. */
    while (i-- > 0) epoll_ctl(epolls[i], EPOLL_CTL_DEL, descriptor, NULL);
    return false;
  }
  return true;
}

bool register_again(const registrations* list, int other, int descriptor) {
  if (list->count == 0) return true;
  pid_t copy = fork();
  if (copy == 0) _exit(move_registrations(list, other, descriptor) ? 0 : 1);
  int status;
  return copy != -1 && waitpid(copy, &status, 0) == copy && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}
