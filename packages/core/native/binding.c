/*
 * The interface between JavaScript and sockets.h: checks the arguments, makes
 * the call, and makes the error, to which the TypeScript code gives Node's
 * shape. What members say to each other is in binding_channel.c; what the addon
 * holds for each environment, so that any number of threads may load it, is in
 * binding_environment.c.
 */
#include <stdlib.h>
#include <string.h>

#include "binding.h"

/* open(type: 'tcp' | 'udp', family: 4 | 6): number */
static napi_value open_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int type;
  int64_t family;
  if (!read_arguments(env, info, arguments, 2) || !read_type(env, arguments[0], &type) ||
      !read_integer(env, arguments[1], 4, 6, &family)) {
    return NULL;
  }
  socket_handle handle;
  int failure = socket_open(family == 6 ? AF_INET6 : AF_INET, type, &handle);
  if (failure != 0) return throw_system_error(env, failure, "socket");
  return new_number(env, (double)handle);
}

/* A call that takes one socket and returns nothing. */
static napi_value call_with_socket(napi_env env, napi_callback_info info, const char* syscall,
                                   int (*call)(socket_handle)) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  return done(env, call(handle), syscall);
}

/* close(socket: number): void */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  environment_let_go(env, handle);
  return done(env, socket_close(handle), "close");
}

/* The arguments (socket: number, address: string, port: number). */
static bool read_socket_and_address(napi_env env, napi_callback_info info, socket_handle* handle,
                                    struct sockaddr_storage* address, socklen_t* length) {
  napi_value arguments[3];
  return read_arguments(env, info, arguments, 3) && read_socket(env, arguments[0], handle) &&
         read_address(env, arguments[1], arguments[2], address, length);
}

/* bind(socket: number, address: string, port: number): void */
static napi_value bind_socket(napi_env env, napi_callback_info info) {
  socket_handle handle;
  struct sockaddr_storage address;
  socklen_t length;
  if (!read_socket_and_address(env, info, &handle, &address, &length)) return NULL;
  return done(env, socket_bind(handle, (struct sockaddr*)&address, length), "bind");
}

/* connect(socket: number, address: string, port: number): void */
static napi_value connect_socket(napi_env env, napi_callback_info info) {
  socket_handle handle;
  struct sockaddr_storage address;
  socklen_t length;
  if (!read_socket_and_address(env, info, &handle, &address, &length)) return NULL;
  return done(env, socket_connect(handle, (struct sockaddr*)&address, length), "connect");
}

/* isConnected(socket: number): boolean */
static napi_value is_connected(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result = NULL;
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  bool connected = false;
  int failure = socket_is_connected(handle, &connected);
  if (failure != 0) return throw_system_error(env, failure, "getpeername");
  napi_get_boolean(env, connected, &result);
  return result;
}

/* accept(socket: number): number | null */
static napi_value accept_connection(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle, accepted;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  int failure = socket_accept(handle, &accepted);
  if (failure == SOCKET_ERROR_WOULD_BLOCK) return new_null(env);
  if (failure != 0) return throw_system_error(env, failure, "accept");
  return new_number(env, (double)accepted);
}

/* unblock(socket: number): void */
static napi_value unblock(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "fcntl", socket_unblock);
}

/* shutDown(socket: number): void */
static napi_value shut_down_socket(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "shutdown", socket_shut_down);
}

/* closeAside(socket: number): void */
static napi_value close_socket_aside(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "close", socket_close_aside);
}

/* countAside(): number */
static napi_value count_aside(napi_env env, napi_callback_info info) {
  (void)info;
  return new_number(env, sockets_closing());
}

/* tellDestination(socket: number): void */
static napi_value tell_destination(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "setsockopt", datagram_tell_destination);
}

/* attachFilter(socket: number, filter: Uint8Array): void */
static napi_value attach_filter(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  socket_handle handle;
  napi_typedarray_type type;
  size_t size;
  void* filter;
  if (!read_arguments(env, info, arguments, 2) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  if (napi_get_typedarray_info(env, arguments[1], &type, &size, &filter, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    napi_throw_type_error(env, NULL, "expected a Uint8Array");
    return NULL;
  }
  return done(env, socket_attach_filter(handle, filter, size), "setsockopt");
}

/* detachFilter(socket: number): void */
static napi_value detach_filter(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "setsockopt", socket_detach_filter);
}

/* listen(socket: number, backlog: number): void */
static napi_value listen_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  socket_handle handle;
  int64_t backlog;
  if (!read_arguments(env, info, arguments, 2) || !read_socket(env, arguments[0], &handle) ||
      !read_integer(env, arguments[1], INT32_MIN, INT32_MAX, &backlog)) {
    return NULL;
  }
  return done(env, socket_listen(handle, (int)backlog), "listen");
}

/* duplicate(socket: number): number */
static napi_value duplicate_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle, copy;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  int failure = socket_duplicate(handle, &copy);
  if (failure != 0) return throw_system_error(env, failure, "dup");
  return new_number(env, (double)copy);
}

/* takeDescriptor(pid: number, descriptor: number): number */
static napi_value take_descriptor(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int64_t pid, descriptor;
  socket_handle taken;
  if (!read_arguments(env, info, arguments, 2) ||
      !read_integer(env, arguments[0], 1, INT32_MAX, &pid) ||
      !read_integer(env, arguments[1], 0, INT32_MAX, &descriptor)) {
    return NULL;
  }
  int failure = descriptor_take(pid, (int)descriptor, &taken);
  if (failure != 0) return throw_system_error(env, failure, "pidfd_getfd");
  return new_number(env, (double)taken);
}

/* setCloseOnExec(socket: number): void */
static napi_value set_close_on_exec(napi_env env, napi_callback_info info) {
  return call_with_socket(env, info, "fcntl", socket_close_on_exec);
}

/* getAddress(socket: number): { address: string, port: number, family: 4 | 6 } */
static napi_value get_address(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  struct sockaddr_storage address;
  socklen_t length = 0;
  int failure = socket_get_name(handle, &address, &length);
  if (failure != 0) return throw_system_error(env, failure, "getsockname");
  return new_address(env, &address, length);
}

/* setOption(socket: number, name: string, value: number): void */
static napi_value set_option(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  socket_handle handle;
  const socket_option* option;
  int64_t value;
  if (!read_arguments(env, info, arguments, 3) || !read_socket(env, arguments[0], &handle) ||
      !read_option(env, arguments[1], &option) ||
      !read_integer(env, arguments[2], INT32_MIN, INT32_MAX, &value)) {
    return NULL;
  }
  return done(env, socket_set_option(handle, option, (int)value), "setsockopt");
}

/* getOption(socket: number, name: string): number */
static napi_value get_option(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  socket_handle handle;
  const socket_option* option;
  if (!read_arguments(env, info, arguments, 2) || !read_socket(env, arguments[0], &handle) ||
      !read_option(env, arguments[1], &option)) {
    return NULL;
  }
  int value;
  int failure = socket_get_option(handle, option, &value);
  if (failure != 0) return throw_system_error(env, failure, "getsockopt");
  return new_number(env, value);
}

/* getQueue(socket: number): { length: number, limit: number } */
static napi_value get_queue(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result;
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  socket_queue queue;
  int failure = socket_get_queue(handle, &queue);
  if (failure != 0) return throw_system_error(env, failure, "getsockopt");
  if (napi_create_object(env, &result) != napi_ok || !set_queue(env, result, &queue)) return NULL;
  return result;
}

static napi_value new_entry(napi_env env, const socket_entry* entry) {
  napi_value object = new_address(env, &entry->address, entry->address_length);
  napi_value ipv6_only;
  if (object == NULL || napi_get_boolean(env, entry->ipv6_only, &ipv6_only) != napi_ok ||
      napi_set_named_property(env, object, "ipv6Only", ipv6_only) != napi_ok ||
      !set_number(env, object, "uid", entry->uid) ||
      !set_number(env, object, "inode", entry->inode) ||
      !set_number(env, object, "device", entry->device) ||
      !set_queue(env, object, &entry->queue)) {
    return NULL;
  }
  return object;
}

/* Makes an array of the listed entries, and frees them. */
static napi_value new_sockets(napi_env env, socket_entry* entries, size_t count) {
  napi_value result;
  if (napi_create_array_with_length(env, count, &result) != napi_ok) result = NULL;
  for (size_t i = 0; i < count && result != NULL; i++) {
    napi_value object = new_entry(env, &entries[i]);
    if (object == NULL || napi_set_element(env, result, (uint32_t)i, object) != napi_ok) {
      result = NULL;
    }
  }
  free(entries);
  return result;
}

/* list(type: 'tcp' | 'udp', port: number): Entry[] */
static napi_value list_sockets(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int type;
  int64_t port;
  if (!read_arguments(env, info, arguments, 2) || !read_type(env, arguments[0], &type) ||
      !read_integer(env, arguments[1], 0, UINT16_MAX, &port)) {
    return NULL;
  }
  socket_entry* entries = NULL;
  size_t count = 0;
  int failure = sockets_list(type, (uint16_t)port, &entries, &count);
  if (failure != 0) return throw_system_error(env, failure, "sock_diag");
  return new_sockets(env, entries, count);
}

/* { local: Address, client: Address } */
static napi_value new_handshake(napi_env env, const handshake_entry* entry) {
  napi_value object;
  napi_value local = new_address(env, &entry->local, entry->address_length);
  napi_value client = local ? new_address(env, &entry->client, entry->address_length) : NULL;
  if (client == NULL || napi_create_object(env, &object) != napi_ok ||
      napi_set_named_property(env, object, "local", local) != napi_ok ||
      napi_set_named_property(env, object, "client", client) != napi_ok) {
    return NULL;
  }
  return object;
}

/* listHandshakes(family: 4 | 6, port: number): { local, client }[] */
static napi_value list_handshakes(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  int64_t family, port;
  if (!read_arguments(env, info, arguments, 2) ||
      !read_integer(env, arguments[0], 4, 6, &family) ||
      !read_integer(env, arguments[1], 0, UINT16_MAX, &port)) {
    return NULL;
  }
  handshake_entry* entries = NULL;
  size_t count = 0;
  int failure = handshakes_list(family == 6 ? AF_INET6 : AF_INET, (uint16_t)port, &entries, &count);
  if (failure != 0) return throw_system_error(env, failure, "sock_diag");
  if (napi_create_array_with_length(env, count, &result) != napi_ok) result = NULL;
  for (size_t i = 0; i < count && result != NULL; i++) {
    napi_value object = new_handshake(env, &entries[i]);
    if (object == NULL || napi_set_element(env, result, (uint32_t)i, object) != napi_ok) {
      result = NULL;
    }
  }
  free(entries);
  return result;
}

NAPI_MODULE_INIT() {
  if (!environment_begin(env)) return NULL;
  static const struct {
    const char* name;
    napi_callback call;
  } functions[] = {
      {"open", open_socket},
      {"close", close_socket},
      {"bind", bind_socket},
      {"listen", listen_socket},
      {"duplicate", duplicate_socket},
      {"setCloseOnExec", set_close_on_exec},
      {"takeDescriptor", take_descriptor},
      {"getAddress", get_address},
      {"setOption", set_option},
      {"getOption", get_option},
      {"getQueue", get_queue},
      {"list", list_sockets},
      {"listHandshakes", list_handshakes},
      {"connect", connect_socket},
      {"isConnected", is_connected},
      {"accept", accept_connection},
      {"unblock", unblock},
      {"shutDown", shut_down_socket},
      {"attachFilter", attach_filter},
      {"detachFilter", detach_filter},
      {"openEndpoint", open_endpoint},
      {"connectEndpoint", connect_endpoint},
      {"connectNotifier", connect_notifier},
      {"getPeer", get_peer},
      {"send", send_message},
      {"receive", receive_message},
      {"waitReadable", wait_readable},
      {"tellDestination", tell_destination},
      {"receiveDatagram", receive_datagram},
      {"startPoller", start_poller},
      {"pollOnce", poll_once},
      {"watchQueue", watch_queue},
      {"forget", forget_socket},
      {"keep", keep_socket},
      {"closeAside", close_socket_aside},
      {"countAside", count_aside},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].call, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[i].name, function) != napi_ok) {
      return NULL;
    }
  }
  return exports;
}
