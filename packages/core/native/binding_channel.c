/* The members' channel, and what a holder takes out of a duplicate; see sockets.h. */
#include <string.h>

#include "binding.h"

/* Longer than any message of a member; the longest is the order of a group. */
#define MESSAGE_SIZE 32768

/* The largest datagram there is. */
#define DATAGRAM_SIZE 65536

static napi_value name_to_socket(napi_env env, napi_callback_info info, const char* syscall,
                                 int (*call)(const char*, size_t, socket_handle*)) {
  napi_value arguments[1];
  char name[ADDRESS_SIZE];
  socket_handle handle;
  if (!read_arguments(env, info, arguments, 1) ||
      !read_string(env, arguments[0], name, sizeof name)) {
    return NULL;
  }
  int failure = call(name, strlen(name), &handle);
  if (failure != 0) return throw_system_error(env, failure, syscall);
  return new_number(env, (double)handle);
}

/* openEndpoint(name: string): number */
napi_value open_endpoint(napi_env env, napi_callback_info info) {
  return name_to_socket(env, info, "bind", endpoint_open);
}

/* connectEndpoint(name: string): number */
napi_value connect_endpoint(napi_env env, napi_callback_info info) {
  return name_to_socket(env, info, "connect", endpoint_connect);
}

/* connectNotifier(path: string): number */
napi_value connect_notifier(napi_env env, napi_callback_info info) {
  return name_to_socket(env, info, "connect", notifier_connect);
}

/* getPeer(socket: number): { pid: number, uid: number } */
napi_value get_peer(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result;
  socket_handle handle;
  endpoint_owner owner;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  int failure = endpoint_peer(handle, &owner);
  if (failure != 0) return throw_system_error(env, failure, "getsockopt");
  if (napi_create_object(env, &result) != napi_ok ||
      !set_number(env, result, "pid", owner.pid) || !set_number(env, result, "uid", owner.uid)) {
    return NULL;
  }
  return result;
}

/* send(socket: number, text: string, attached: number | null): void */
napi_value send_message(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  napi_valuetype type;
  socket_handle handle, attached = NO_SOCKET;
  char text[MESSAGE_SIZE];
  if (!read_arguments(env, info, arguments, 3) || !read_socket(env, arguments[0], &handle) ||
      !read_string(env, arguments[1], text, sizeof text) ||
      napi_typeof(env, arguments[2], &type) != napi_ok ||
      (type != napi_null && !read_socket(env, arguments[2], &attached))) {
    return NULL;
  }
  return done(env, message_send(handle, text, strlen(text), attached), "sendmsg");
}

/* receive(socket: number): { text: string, attached: number | null, cut: boolean } | null */
napi_value receive_message(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result, text_value, attached, cut;
  socket_handle handle;
  char text[MESSAGE_SIZE];
  received_message message;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  int failure = message_receive(handle, text, sizeof text, &message);
  if (failure == SOCKET_ERROR_WOULD_BLOCK) return new_null(env);
  if (failure != 0) return throw_system_error(env, failure, "recvmsg");
  bool has_socket = message.attached != NO_SOCKET;
  if (napi_create_object(env, &result) == napi_ok &&
      napi_create_string_latin1(env, text, message.length, &text_value) == napi_ok &&
      napi_set_named_property(env, result, "text", text_value) == napi_ok &&
      (attached = has_socket ? new_number(env, (double)message.attached) : new_null(env)) != NULL &&
      napi_set_named_property(env, result, "attached", attached) == napi_ok &&
      napi_get_boolean(env, message.cut, &cut) == napi_ok &&
      napi_set_named_property(env, result, "cut", cut) == napi_ok) {
    return result;
  }
  if (has_socket) socket_close(message.attached);
  return NULL;
}

/* receiveDatagram(socket: number):
 *   { data: Buffer, address: string, port: number, family: 4 | 6 } | null */
napi_value receive_datagram(napi_env env, napi_callback_info info) {
  napi_value arguments[1], result, buffer;
  socket_handle handle;
  char data[DATAGRAM_SIZE];
  received_datagram datagram;
  if (!read_arguments(env, info, arguments, 1) || !read_socket(env, arguments[0], &handle)) {
    return NULL;
  }
  int failure = datagram_receive(handle, data, sizeof data, &datagram);
  if (failure == SOCKET_ERROR_WOULD_BLOCK) return new_null(env);
  if (failure != 0) return throw_system_error(env, failure, "recvmsg");
  result = new_address(env, &datagram.from, datagram.from_length);
  if (result == NULL ||
      napi_create_buffer_copy(env, datagram.length, data, NULL, &buffer) != napi_ok ||
      napi_set_named_property(env, result, "data", buffer) != napi_ok) {
    return NULL;
  }
  return result;
}

/* waitReadable(socket: number, milliseconds: number): boolean */
napi_value wait_readable(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result = NULL;
  socket_handle handle;
  int64_t milliseconds;
  bool readable = false;
  if (!read_arguments(env, info, arguments, 2) || !read_socket(env, arguments[0], &handle) ||
      !read_integer(env, arguments[1], 0, INT32_MAX, &milliseconds)) {
    return NULL;
  }
  int failure = socket_wait_readable(handle, (int)milliseconds, &readable);
  if (failure != 0) return throw_system_error(env, failure, "poll");
  napi_get_boolean(env, readable, &result);
  return result;
}
