/*
 * The door between JavaScript and sockets.h: checks the arguments, makes the
 * call, makes the error. A failed call throws an Error with `errno`, the
 * system's own number, and `syscall`; TypeScript gives it Node's shape.
 *
 * The addon keeps no state, so any number of threads may load it.
 */
#include <node_api.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sockets.h"

/* Longest numeric address: IPv6 with an interface's name behind it. */
#define ADDRESS_SIZE 128

static napi_value throw_system_error(napi_env env, int number, const char* syscall) {
  char text[96];
  snprintf(text, sizeof text, "%s failed with system error %d", syscall, number);

  napi_value message, error, errno_value, syscall_value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message) != napi_ok ||
      napi_create_error(env, NULL, message, &error) != napi_ok ||
      napi_create_int32(env, number, &errno_value) != napi_ok ||
      napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &syscall_value) != napi_ok ||
      napi_set_named_property(env, error, "errno", errno_value) != napi_ok ||
      napi_set_named_property(env, error, "syscall", syscall_value) != napi_ok) {
    napi_throw_error(env, NULL, text);
    return NULL;
  }
  napi_throw(env, error);
  return NULL;
}

/* ---- arguments ---------------------------------------------------------- */

static bool read_arguments(napi_env env, napi_callback_info info, napi_value* values, size_t want) {
  size_t got = want;
  if (napi_get_cb_info(env, info, &got, values, NULL, NULL) != napi_ok) return false;
  if (got >= want) return true;
  napi_throw_type_error(env, NULL, "too few arguments");
  return false;
}

static bool read_integer(napi_env env, napi_value value, int64_t low, int64_t high,
                         int64_t* result) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a number");
    return false;
  }
  if (!(number >= (double)low && number <= (double)high) || number != (double)(int64_t)number) {
    napi_throw_range_error(env, NULL, "number out of range");
    return false;
  }
  *result = (int64_t)number;
  return true;
}

static bool read_socket(napi_env env, napi_value value, socket_handle* result) {
  int64_t number;
  if (!read_integer(env, value, 0, INT32_MAX, &number)) return false;
  *result = (socket_handle)number;
  return true;
}

static bool read_string(napi_env env, napi_value value, char* text, size_t size) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length >= size) {
    napi_throw_type_error(env, NULL, "expected a short string");
    return false;
  }
  return napi_get_value_string_utf8(env, value, text, size, &length) == napi_ok;
}

static bool read_type(napi_env env, napi_value value, int* type) {
  char name[8];
  if (!read_string(env, value, name, sizeof name)) return false;
  if (strcmp(name, "tcp") == 0) {
    *type = SOCK_STREAM;
  } else if (strcmp(name, "udp") == 0) {
    *type = SOCK_DGRAM;
  } else {
    napi_throw_type_error(env, NULL, "expected 'tcp' or 'udp'");
    return false;
  }
  return true;
}

static bool read_option(napi_env env, napi_value value, const socket_option** result) {
  char name[32];
  if (!read_string(env, value, name, sizeof name)) return false;
  for (const socket_option* option = socket_options; option->name != NULL; option++) {
    if (strcmp(option->name, name) == 0) {
      *result = option;
      return true;
    }
  }
  throw_system_error(env, SOCKET_ERROR_NO_OPTION, "setsockopt");
  return false;
}

/* ---- results ------------------------------------------------------------ */

static napi_value undefined(napi_env env) {
  napi_value value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

/* Nothing, or the failure of a call that has no other result. */
static napi_value done(napi_env env, int failure, const char* syscall) {
  return failure == 0 ? undefined(env) : throw_system_error(env, failure, syscall);
}

static napi_value new_number(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

static bool set_number(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  return napi_create_double(env, number, &value) == napi_ok &&
         napi_set_named_property(env, object, name, value) == napi_ok;
}

/* { address, port, family } */
static napi_value new_address(napi_env env, const struct sockaddr_storage* address,
                              socklen_t length) {
  bool ipv6 = address->ss_family == AF_INET6;
  if (!ipv6 && address->ss_family != AF_INET) {
    return throw_system_error(env, SOCKET_ERROR_INVALID, "getsockname");
  }
  char text[ADDRESS_SIZE];
  int failure = getnameinfo((const struct sockaddr*)address, length, text, sizeof text, NULL, 0,
                            NI_NUMERICHOST);
  if (failure != 0) return throw_system_error(env, SOCKET_ERROR_INVALID, "getnameinfo");
  uint16_t port = ipv6 ? ((const struct sockaddr_in6*)address)->sin6_port
                       : ((const struct sockaddr_in*)address)->sin_port;

  napi_value result, text_value;
  if (napi_create_object(env, &result) != napi_ok ||
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &text_value) != napi_ok ||
      napi_set_named_property(env, result, "address", text_value) != napi_ok ||
      !set_number(env, result, "port", ntohs(port)) ||
      !set_number(env, result, "family", ipv6 ? 6 : 4)) {
    return NULL;
  }
  return result;
}

static bool set_queue(napi_env env, napi_value object, const socket_queue* queue) {
  return set_number(env, object, "length", queue->length) &&
         set_number(env, object, "limit", queue->limit);
}

/* ---- calls -------------------------------------------------------------- */

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

/* close(socket: number): void */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  return done(env, socket_close(handle), "close");
}

/* A numeric address, which for IPv6 may end in %interface, and a port. */
static bool read_address(napi_env env, napi_value address_value, napi_value port_value,
                         struct sockaddr_storage* address, socklen_t* length) {
  char text[ADDRESS_SIZE];
  int64_t port;
  if (!read_string(env, address_value, text, sizeof text) ||
      !read_integer(env, port_value, 0, UINT16_MAX, &port)) {
    return false;
  }
  char service[8];
  snprintf(service, sizeof service, "%d", (int)port);
  struct addrinfo hints;
  memset(&hints, 0, sizeof hints);
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM; /* One result; the address is the same for all types. */
  struct addrinfo* found = NULL;
  if (getaddrinfo(text, service, &hints, &found) != 0) {
    throw_system_error(env, SOCKET_ERROR_INVALID, "getaddrinfo");
    return false;
  }
  memcpy(address, found->ai_addr, found->ai_addrlen);
  *length = (socklen_t)found->ai_addrlen;
  freeaddrinfo(found);
  return true;
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

/* openName(name: string): number */
static napi_value open_name(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  char name[ADDRESS_SIZE];
  if (!read_arguments(env, info, arguments, 1) ||
      !read_string(env, arguments[0], name, sizeof name)) {
    return NULL;
  }
  socket_handle handle;
  int failure = socket_open_name(name, strlen(name), &handle);
  if (failure != 0) return throw_system_error(env, failure, "bind");
  return new_number(env, (double)handle);
}

/* attachFilter(socket: number, program: Uint8Array): void */
static napi_value attach_filter(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  socket_handle handle;
  napi_typedarray_type type;
  size_t size;
  void* program;
  if (!read_arguments(env, info, arguments, 2) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  if (napi_get_typedarray_info(env, arguments[1], &type, &size, &program, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    napi_throw_type_error(env, NULL, "expected a Uint8Array");
    return NULL;
  }
  return done(env, socket_attach_filter(handle, program, size), "setsockopt");
}

/* detachFilter(socket: number): void */
static napi_value detach_filter(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  return done(env, socket_detach_filter(handle), "setsockopt");
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

/* setCloseOnExec(socket: number): void */
static napi_value set_close_on_exec(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  return done(env, socket_close_on_exec(handle), "fcntl");
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
      !set_number(env, object, "inode", entry->inode) || !set_queue(env, object, &entry->queue)) {
    return NULL;
  }
  return object;
}

/* Makes an array of what was listed, and frees that. */
static napi_value new_entries(napi_env env, socket_entry* entries, size_t count) {
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
  return new_entries(env, entries, count);
}

/* listHandshakes(family: 4 | 6, port: number): Entry[], each with the client's address */
static napi_value list_handshakes(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int64_t family, port;
  if (!read_arguments(env, info, arguments, 2) ||
      !read_integer(env, arguments[0], 4, 6, &family) ||
      !read_integer(env, arguments[1], 0, UINT16_MAX, &port)) {
    return NULL;
  }
  socket_entry* entries = NULL;
  size_t count = 0;
  int failure = handshakes_list(family == 6 ? AF_INET6 : AF_INET, (uint16_t)port, &entries, &count);
  if (failure != 0) return throw_system_error(env, failure, "sock_diag");
  return new_entries(env, entries, count);
}

NAPI_MODULE_INIT() {
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
      {"getAddress", get_address},
      {"setOption", set_option},
      {"getOption", get_option},
      {"getQueue", get_queue},
      {"list", list_sockets},
      {"listHandshakes", list_handshakes},
      {"connect", connect_socket},
      {"isConnected", is_connected},
      {"openName", open_name},
      {"attachFilter", attach_filter},
      {"detachFilter", detach_filter},
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
