/*
 * What the addon holds for an environment, the main thread's or a worker's: a
 * poller, if one is needed, and sockets that only the addon would close. A
 * worker that is terminated no longer runs JavaScript, but the cleanup hook of
 * its environment still runs.
 *
 * The poller's reports reach the event loop through a thread-safe function,
 * which does not keep the process alive.
 */
#include <stdlib.h>

#include "binding.h"
#include "poller.h"

struct environment {
  napi_threadsafe_function reports;
  poller* poller;
  socket_handle* kept;
  size_t count;
  size_t capacity;
};

static environment* current(napi_env env) {
  void* data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

/* No report comes after this. */
static void end(void* data) {
  environment* state = data;
  if (state->poller != NULL) poller_close(state->poller);
  for (size_t i = 0; i < state->count; i++) socket_close(state->kept[i]);
  free(state->kept);
  free(state);
}

bool environment_begin(napi_env env) {
  environment* state = calloc(1, sizeof *state);
  if (state == NULL) return false;
  if (napi_set_instance_data(env, state, NULL, NULL) == napi_ok &&
      napi_add_env_cleanup_hook(env, end, state) == napi_ok) {
    return true;
  }
  free(state);
  return false;
}

/* keep(socket: number): void */
napi_value keep_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  environment* state = current(env);
  if (state->count == state->capacity) {
    size_t capacity = state->capacity == 0 ? 16 : state->capacity * 2;
    socket_handle* kept = realloc(state->kept, capacity * sizeof *kept);
    if (kept == NULL) return throw_system_error(env, SOCKET_ERROR_NO_MEMORY, "realloc");
    state->kept = kept;
    state->capacity = capacity;
  }
  state->kept[state->count++] = handle;
  return new_undefined(env);
}

void environment_let_go(napi_env env, socket_handle handle) {
  environment* state = current(env);
  for (size_t i = 0; i < state->count; i++) {
    if (state->kept[i] != handle) continue;
    state->kept[i] = state->kept[--state->count];
    return;
  }
}

static void report(void* data, socket_handle handle) {
  environment* state = data;
  /* The call fails only while the environment ends. */
  napi_call_threadsafe_function(state->reports, (void*)(intptr_t)handle, napi_tsfn_nonblocking);
}

/* Calls the JavaScript function with the socket, on the event loop. */
static void hear(napi_env env, napi_value function, void* context, void* data) {
  (void)context;
  if (env == NULL || function == NULL) return; /* The environment ends. */
  napi_value argument, receiver;
  if (napi_create_double(env, (double)(intptr_t)data, &argument) != napi_ok ||
      napi_get_undefined(env, &receiver) != napi_ok) {
    return;
  }
  if (napi_call_function(env, receiver, function, 1, &argument, NULL) != napi_pending_exception) {
    return;
  }
  /* What the program's own handler throws is an uncaught exception, as from any handler. */
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

/* startPoller(hear: (socket: number) => void): void */
napi_value start_poller(napi_env env, napi_callback_info info) {
  napi_value arguments[1], name;
  if (!read_arguments(env, info, arguments, 1)) return NULL;
  environment* state = current(env);
  if (state->poller != NULL) return throw_system_error(env, SOCKET_ERROR_INVALID, "startPoller");
  if (napi_create_string_utf8(env, "REUSE", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, arguments[0], NULL, name, 0, 1, NULL, NULL, NULL, hear,
                                      &state->reports) != napi_ok) {
    napi_throw_error(env, NULL, "the poller needs a function");
    return NULL;
  }
  int failure = poller_open(report, state, &state->poller);
  if (failure != 0) {
    napi_release_threadsafe_function(state->reports, napi_tsfn_abort);
    return throw_system_error(env, failure, "epoll_create");
  }
  napi_unref_threadsafe_function(env, state->reports);
  return new_undefined(env);
}

/* Reads the poller and the socket that a call is about; false if an exception is pending. */
static bool read_polled(napi_env env, napi_callback_info info, napi_value* arguments, size_t want,
                        poller** poller, socket_handle* handle) {
  if (!read_arguments(env, info, arguments, want) || !read_socket(env, arguments[0], handle)) {
    return false;
  }
  environment* state = current(env);
  if (state->poller == NULL) {
    throw_system_error(env, SOCKET_ERROR_INVALID, "epoll_ctl");
    return false;
  }
  *poller = state->poller;
  return true;
}

/* pollOnce(socket: number): void */
napi_value poll_once(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  poller* poller;
  socket_handle handle;
  if (!read_polled(env, info, arguments, 1, &poller, &handle)) return NULL;
  return done(env, poller_once(poller, handle), "epoll_ctl");
}

/* watchQueue(socket: number, patience: number, own: number): void */
napi_value watch_queue(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  poller* poller;
  socket_handle handle;
  int64_t patience, own;
  if (!read_polled(env, info, arguments, 3, &poller, &handle) ||
      !read_integer(env, arguments[1], 0, INT32_MAX, &patience) ||
      !read_integer(env, arguments[2], -1, INT32_MAX, &own)) {
    return NULL;
  }
  int failure = poller_watch_queue(poller, handle, (uint32_t)patience, (socket_handle)own);
  return done(env, failure, "epoll_ctl");
}

/* forget(socket: number): void */
napi_value forget_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  poller* poller;
  socket_handle handle;
  if (!read_polled(env, info, arguments, 1, &poller, &handle)) return NULL;
  poller_forget(poller, handle);
  return new_undefined(env);
}
