#include "values.h"

#include <stdio.h>
#include <string.h>

napi_value throw_system_error(napi_env env, int number, const char* syscall) {
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

bool read_arguments(napi_env env, napi_callback_info info, napi_value* values, size_t want) {
  size_t got = want;
  if (napi_get_cb_info(env, info, &got, values, NULL, NULL) != napi_ok) return false;
  if (got >= want) return true;
  napi_throw_type_error(env, NULL, "too few arguments");
  return false;
}

bool read_integer(napi_env env, napi_value value, int64_t low, int64_t high,
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

bool read_socket(napi_env env, napi_value value, socket_handle* result) {
  int64_t number;
  if (!read_integer(env, value, 0, INT32_MAX, &number)) return false;
  *result = (socket_handle)number;
  return true;
}

bool read_string(napi_env env, napi_value value, char* text, size_t size) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length >= size) {
    napi_throw_type_error(env, NULL, "expected a short string");
    return false;
  }
  return napi_get_value_string_utf8(env, value, text, size, &length) == napi_ok;
}

bool read_type(napi_env env, napi_value value, int* type) {
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

bool read_option(napi_env env, napi_value value, const socket_option** result) {
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

bool read_address(napi_env env, napi_value address_value, napi_value port_value,
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

/* ---- results ------------------------------------------------------------ */

napi_value new_undefined(napi_env env) {
  napi_value value = NULL;
  napi_get_undefined(env, &value);
  return value;
}

/* Returns undefined, or throws the failure, for a call that has no other result. */
napi_value done(napi_env env, int failure, const char* syscall) {
  return failure == 0 ? new_undefined(env) : throw_system_error(env, failure, syscall);
}

napi_value new_number(napi_env env, double number) {
  napi_value value = NULL;
  napi_create_double(env, number, &value);
  return value;
}

napi_value new_null(napi_env env) {
  napi_value result = NULL;
  napi_get_null(env, &result);
  return result;
}

bool set_number(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  return napi_create_double(env, number, &value) == napi_ok &&
         napi_set_named_property(env, object, name, value) == napi_ok;
}

/* { address, port, family } */
napi_value new_address(napi_env env, const struct sockaddr_storage* address,
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

bool set_queue(napi_env env, napi_value object, const socket_queue* queue) {
  return set_number(env, object, "length", queue->length) &&
         set_number(env, object, "limit", queue->limit);
}
