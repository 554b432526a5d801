/* A thread of the addon's own: with a small stack, and all signals blocked. */
#ifndef REUSE_THREAD_LINUX_H
#define REUSE_THREAD_LINUX_H

#include <pthread.h>

/* glibc 2.32 and 2.34 have moved these to another library, under a new version, which a binary that is
 * built there would require. The old version is still there, and is all that an older system has. */
#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#ifdef __x86_64__
#define OLD_VERSION "GLIBC_2.2.5"
#else
#define OLD_VERSION "GLIBC_2.17"
#endif
#define KEEP_VERSION(name) __asm__(".symver " #name "," #name "@" OLD_VERSION)
KEEP_VERSION(pthread_create);
KEEP_VERSION(pthread_join);
KEEP_VERSION(pthread_detach);
KEEP_VERSION(pthread_sigmask);
KEEP_VERSION(pthread_attr_setstacksize);
#endif

int start_quiet_thread(pthread_t* thread, void* (*run)(void*), void* argument);

#endif
