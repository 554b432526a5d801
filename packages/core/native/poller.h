/*
 * Wakes an environment when a socket is readable, from a separate thread, so
 * that waiting costs the event loop nothing. Linux only.
 */
#ifndef REUSE_POLLER_H
#define REUSE_POLLER_H

#include "sockets.h"

typedef struct poller poller;

/* Called on the poller's thread. It must not block. */
typedef void (*poller_report)(void* data, socket_handle handle);

/* Starts the thread, which makes its reports until `poller_close` returns. */
int poller_open(poller_report report, void* data, poller** result);
void poller_close(poller* poller);

/* Reports the socket once, when it can be read from, or its peer has hung up. */
int poller_once(poller* poller, socket_handle handle);

/* Reports the listener once, when something has waited in it for `patience`
 * milliseconds and nothing waits at `own`, if that is a listener and not -1: a
 * process that has enough to do need not know. The watched listeners are looked
 * at only while something comes to them, every POLLER_INTERVAL milliseconds; or
 * every POLLER_CALM_INTERVAL milliseconds if, for a second, nothing has had to
 * wait, or if something waits at `own`. */
int poller_watch_queue(poller* poller, socket_handle handle, uint32_t patience,
                       socket_handle own);

/* Stops reporting the socket. Call it before the socket is closed: a duplicate
 * elsewhere would keep it in the kernel's lists. */
void poller_forget(poller* poller, socket_handle handle);

#define POLLER_INTERVAL 3
#define POLLER_CALM_INTERVAL 25

#endif
