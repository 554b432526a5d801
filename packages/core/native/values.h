/*
 * Between JavaScript's values and C's: what every call of the addon does first and last. The read
 * functions return false, with an exception pending, if the value is not what it should be.
 */
#ifndef REUSE_VALUES_H
#define REUSE_VALUES_H

#include <node_api.h>

#include "sockets.h"

/* Longest numeric address: IPv6 with an interface's name after it. */
#define ADDRESS_SIZE 128

/* Throws an Error with `errno`, the system's own number, and `syscall`. Returns NULL. */
napi_value throw_system_error(napi_env env, int number, const char* syscall);

bool read_arguments(napi_env env, napi_callback_info info, napi_value* values, size_t want);
bool read_integer(napi_env env, napi_value value, int64_t low, int64_t high, int64_t* result);
bool read_socket(napi_env env, napi_value value, socket_handle* result);
bool read_string(napi_env env, napi_value value, char* text, size_t size);
/* 'tcp' or 'udp', as SOCK_STREAM or SOCK_DGRAM. */
bool read_type(napi_env env, napi_value value, int* type);
bool read_option(napi_env env, napi_value value, const socket_option** result);
/* A numeric address, which for IPv6 may end in %interface, and a port. */
bool read_address(napi_env env, napi_value address_value, napi_value port_value,
                  struct sockaddr_storage* address, socklen_t* length);

napi_value new_undefined(napi_env env);
napi_value new_number(napi_env env, double number);
napi_value new_null(napi_env env);
/* { address, port, family } */
napi_value new_address(napi_env env, const struct sockaddr_storage* address, socklen_t length);
/* Returns undefined, or throws the failure, for a call that has no other result. */
napi_value done(napi_env env, int failure, const char* syscall);
bool set_number(napi_env env, napi_value object, const char* name, double number);
bool set_queue(napi_env env, napi_value object, const socket_queue* queue);

#endif
