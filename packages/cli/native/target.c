#include "launcher.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Reads a file of /proc; the caller provides the room. */
static int read_file(const char* name, char* text, size_t size) {
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file == -1) return errno;
  ssize_t length = read(file, text, size - 1);
  int failure = errno;
  close(file);
  if (length == -1) return failure;
  text[length] = '\0';
  return 0;
}

static int read_status(pid_t thread, char* text, size_t size) {
  char name[40];
  snprintf(name, sizeof name, "/proc/%d/status", thread);
  return read_file(name, text, size);
}

/* The line of a status that begins with a word, without the word. */
static const char* line_of(const char* status, const char* word) {
  size_t length = strlen(word);
  for (const char* line = status; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, word, length) == 0) return line + length;
  }
  return "";
}

pid_t process_of(pid_t thread) {
  char status[4096];
  errno = read_status(thread, status, sizeof status);
  if (errno != 0) return 0;
  return (pid_t)strtol(line_of(status, "Tgid:"), NULL, 10);
}

int take_descriptor(pid_t thread, int descriptor, int* result) {
  /* A pidfd stands for a whole process (for a thread only since Linux 6.9). */
  pid_t process = process_of(thread);
  if (process == 0) return errno;
  int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
  if (pidfd == -1) return errno;
  int taken = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
  int failure = taken == -1 ? errno : 0;
  close(pidfd);
  if (failure == 0) *result = taken;
  return failure;
}

bool closes_on_exec(pid_t thread, int descriptor) {
  char name[64], text[512];
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", thread, descriptor);
  if (read_file(name, text, sizeof text) != 0) return true; /* As most programs want it. */
  return (strtol(line_of(text, "flags:"), NULL, 8) & O_CLOEXEC) != 0;
}

int read_address(pid_t thread, uint64_t where, uint64_t length, socket_address* result) {
  memset(result, 0, sizeof *result);
  if (length > sizeof *result) length = sizeof *result;
  struct iovec here = {.iov_base = result, .iov_len = length};
  struct iovec there = {.iov_base = (void*)(uintptr_t)where, .iov_len = length};
  ssize_t count = process_vm_readv(thread, &here, 1, &there, 1, 0);
  if (count == -1) return errno;
  return (uint64_t)count == length ? 0 : EFAULT;
}

pid_t parent_of(pid_t process) {
  char status[4096];
  if (read_status(process, status, sizeof status) != 0) return 0;
  return (pid_t)strtol(line_of(status, "PPid:"), NULL, 10);
}

bool has_ended(pid_t process) {
  char status[4096];
  int failure = read_status(process, status, sizeof status);
  if (failure != 0) return failure == ENOENT || failure == ESRCH;
  const char* state = line_of(status, "State:");
  state += strspn(state, "\t ");
  return *state == 'Z' || *state == 'X';
}

/* Copies the lines that say what a thread may do. Between them is the line of its supplementary
 * groups, which can be longer than any buffer: the file is read piece by piece. */
static bool copy_rights(pid_t thread, char* text, size_t size) {
  static const char* const words[] = {"Uid:", "Gid:", "CapEff:"}; /* In the order of the file. */
  const size_t count = sizeof words / sizeof *words;
  char name[40], piece[128];
  snprintf(name, sizeof name, "/proc/%d/status", thread);
  FILE* status = fopen(name, "re");
  if (status == NULL) return false;
  size_t found = 0, used = 0;
  bool begins = true; /* Whether the next piece is the beginning of a line. */
  while (found < count && fgets(piece, sizeof piece, status) != NULL) {
    size_t length = strlen(piece);
    if (begins && strncmp(piece, words[found], strlen(words[found])) == 0 && used + length < size) {
      memcpy(text + used, piece, length);
      used += length;
      found++;
    }
    begins = piece[length - 1] == '\n';
  }
  fclose(status);
  text[used] = '\0';
  return found == count;
}

/* Whether a thread is in the same namespace of this kind as this process. */
static bool has_own_namespace(pid_t thread, const char* kind) {
  char own_name[40], name[40];
  struct stat own, other;
  snprintf(own_name, sizeof own_name, "/proc/self/ns/%s", kind);
  snprintf(name, sizeof name, "/proc/%d/ns/%s", thread, kind);
  if (stat(own_name, &own) != 0) return errno == ENOENT; /* A kernel without such namespaces. */
  return stat(name, &other) == 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

bool has_own_network(pid_t thread) {
  return has_own_namespace(thread, "net");
}

bool has_equal_rights(pid_t thread) {
  char own[256], other[256];
  return copy_rights(thread, other, sizeof other) && copy_rights(getpid(), own, sizeof own) &&
         strcmp(own, other) == 0 &&
         has_own_namespace(thread, "user"); /* Capabilities hold only within a user namespace. */
}
