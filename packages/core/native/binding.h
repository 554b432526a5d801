/* The calls of the addon that files other than binding.c define, by file. */
#ifndef REUSE_BINDING_H
#define REUSE_BINDING_H

#include "values.h"

/* binding_channel.c */
napi_value open_endpoint(napi_env env, napi_callback_info info);
napi_value connect_endpoint(napi_env env, napi_callback_info info);
napi_value connect_notifier(napi_env env, napi_callback_info info);
napi_value get_peer(napi_env env, napi_callback_info info);
napi_value send_message(napi_env env, napi_callback_info info);
napi_value receive_message(napi_env env, napi_callback_info info);
napi_value receive_datagram(napi_env env, napi_callback_info info);
napi_value wait_readable(napi_env env, napi_callback_info info);

/* binding_environment.c */
typedef struct environment environment;
/* Sets up what every environment has. Call it before any of these. */
bool environment_begin(napi_env env);
/* The socket is about to be closed, or is somebody else's to close. */
void environment_let_go(napi_env env, socket_handle handle);
napi_value keep_socket(napi_env env, napi_callback_info info);
napi_value start_poller(napi_env env, napi_callback_info info);
napi_value poll_once(napi_env env, napi_callback_info info);
napi_value watch_queue(napi_env env, napi_callback_info info);
napi_value forget_socket(napi_env env, napi_callback_info info);

#endif
