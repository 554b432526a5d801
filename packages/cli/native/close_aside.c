/*
 * Connections of other users, which are closed unread. One of them may contain
 * a TCP socket that lingers (SO_LINGER): closing the connection closes that
 * socket too, and waits as long as its owner likes. So a thread closes them.
 */
#include "launcher.h"

#include <pthread.h>
#include <unistd.h>

#define STACK_SIZE (64 * 1024)

/* How many connections may be closing before no more of them are accepted. */
#define MOST_CLOSING 16

static _Atomic unsigned int closing = 0;

static void* close_on_thread(void* argument) {
  close((int)(intptr_t)argument);
  closing--;
  return NULL;
}

/* The thread gets none of this process' signals. */
static int start_thread(int descriptor) {
  pthread_attr_t attributes;
  pthread_t thread;
  int failure = pthread_attr_init(&attributes);
  if (failure != 0) return failure;
  pthread_attr_setstacksize(&attributes, STACK_SIZE); /* If it is too small on this system, the default. */
  sigset_t all, before;
  sigfillset(&all);
  failure = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (failure == 0) failure = pthread_sigmask(SIG_SETMASK, &all, &before);
  if (failure == 0) {
    failure = pthread_create(&thread, &attributes, close_on_thread, (void*)(intptr_t)descriptor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  pthread_attr_destroy(&attributes);
  return failure;
}

void close_aside(int descriptor) {
  closing++;
  if (start_thread(descriptor) == 0) return;
  closing--;
  close(descriptor);
}

bool has_many_closing(void) {
  return closing >= MOST_CLOSING;
}
