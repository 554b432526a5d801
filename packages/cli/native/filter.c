/*
 * The seccomp filter. It names two or three calls; for all others the kernel
 * knows once and for all that they are allowed (Linux 5.11 and later), so they
 * cost nothing.
 */
#include "launcher.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define FIRST_OTHER_ABI 0x40000000u /* x32, which has numbers of its own. */
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#define FIRST_OTHER_ABI 0xffffffffu
#else
#error "reuse-exec knows the system calls of x64 and arm64 only"
#endif

/* Linux 5.19; headers may be older than the kernel. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int set_filter(const struct sock_fprog* filter, unsigned int flags) {
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter);
}

int install_filter(bool with_connect, int* listener) {
  struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_OTHER_ABI, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_listen, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, with_connect ? SYS_connect : SYS_bind, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
  };
  struct sock_fprog filter = {.len = sizeof instructions / sizeof *instructions,
                              .filter = instructions};
  /* Before Linux 5.16, a filter without the second flag slows down code that programs compile at
   * run time: this protects programs that run code that they do not trust; seccomp(2). */
  unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  /* Without this flag, a signal would end the wait of the thread that asks, again and again: Go's
   * runtime sends itself signals all the time. */
  unsigned int most = flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  int result = set_filter(&filter, most);
  if (result == -1 && errno == EACCES) {
    /* Only a process that may administer the machine may do so and still run setuid programs. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    result = set_filter(&filter, most);
  }
  if (result == -1 && errno == EINVAL) result = set_filter(&filter, flags);
  if (result == -1) return errno;
  *listener = result;
  return 0;
}

bool outwaits_signals(void) {
  /* Unknown flags give EINVAL, before the filter is looked at, which is NULL and would give EFAULT. */
  unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return set_filter(NULL, flags) == -1 && errno == EFAULT;
}
