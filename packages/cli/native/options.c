#include "launcher.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* A number that consists of digits only. */
static bool parse_number(const char* text, char end, long most, long* result) {
  char* rest;
  if (*text < '0' || *text > '9') return false;
  errno = 0;
  long number = strtol(text, &rest, 10);
  if (errno != 0 || *rest != end || number > most) return false;
  *result = number;
  return true;
}

static bool parse_address(const char* text, socket_address* result) {
  memset(result, 0, sizeof *result);
  if (inet_pton(AF_INET, text, &result->four.sin_addr) == 1) {
    result->any.sa_family = AF_INET;
    return true;
  }
  if (inet_pton(AF_INET6, text, &result->six.sin6_addr) != 1) return false;
  result->any.sa_family = AF_INET6;
  return true;
}

/* The value of `--name=value`, or NULL for another option. */
static const char* value_of(const char* argument, const char* name) {
  size_t length = strlen(name);
  if (strncmp(argument, name, length) != 0 || argument[length] != '=') return NULL;
  return argument + length + 1;
}

static bool parse_option(const char* argument, launch_options* options) {
  const char* value;
  long number;
  if (strcmp(argument, "--verbose") == 0) {
    options->verbose = true;
    return true;
  }
  if (strcmp(argument, "--end-with-parent") == 0) {
    options->ends_with_parent = true;
    return true;
  }
  if ((value = value_of(argument, "--port")) != NULL) {
    if (!parse_number(value, '\0', 65535, &number)) return false;
    if (options->port_count == MOST_PORTS) return false;
    options->ports[options->port_count++] = (uint16_t)number;
    return true;
  }
  if ((value = value_of(argument, "--map")) != NULL) {
    const char* middle = strchr(value, ':');
    long to;
    if (middle == NULL || options->map_count == MOST_PORTS) return false;
    if (!parse_number(value, ':', 65535, &number)) return false;
    if (!parse_number(middle + 1, '\0', 65535, &to)) return false;
    options->maps[options->map_count].from = (uint16_t)number;
    options->maps[options->map_count++].to = (uint16_t)to;
    return true;
  }
  if ((value = value_of(argument, "--address")) != NULL) {
    return parse_address(value, &options->address);
  }
  if ((value = value_of(argument, "--source-address")) != NULL) {
    return parse_address(value, &options->source);
  }
  if ((value = value_of(argument, "--leave-timeout")) != NULL) {
    if (!parse_number(value, '\0', 86400000, &number)) return false;
    options->leave_timeout = (int)number;
    return true;
  }
  if ((value = value_of(argument, "--drain")) != NULL) {
    if (!parse_number(value, '\0', 86400000, &number)) return false;
    options->drain = (int)number;
    return true;
  }
  if ((value = value_of(argument, "--stop-signal")) != NULL) {
    if (!parse_number(value, '\0', 64, &number) || number == 0) return false;
    options->stop_signal = (int)number;
    return true;
  }
  if ((value = value_of(argument, "--weight")) != NULL) {
    options->weight = value;
    return true;
  }
  if ((value = value_of(argument, "--steering")) != NULL) {
    options->steering = *value;
    return *value != '\0' && strchr("hrsc", *value) != NULL;
  }
  if ((value = value_of(argument, "--mechanism")) != NULL) {
    if (strcmp(value, "seccomp") == 0) options->mechanism = SECCOMP;
    else if (strcmp(value, "preload") == 0) options->mechanism = PRELOAD;
    else return strcmp(value, "auto") == 0;
    return true;
  }
  if ((value = value_of(argument, "--preload")) != NULL) {
    options->preload = value;
    return true;
  }
  if ((value = value_of(argument, "--node")) != NULL) {
    options->node = value;
    return true;
  }
  if ((value = value_of(argument, "--helper")) != NULL) {
    options->helper = value;
    return true;
  }
  return false;
}

int parse_settings(int count, char** arguments, launch_options* result) {
  memset(result, 0, sizeof *result);
  result->weight = "1";
  result->leave_timeout = 30000;
  result->drain = 1000;
  result->stop_signal = SIGTERM;
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "--") == 0) {
      result->setting_count = i;
      result->command = arguments + i + 1;
      break;
    }
    if (parse_option(arguments[i], result)) continue;
    complain("%s is not a valid option; start it with the command reuse exec", arguments[i]);
    return EINVAL;
  }
  return 0;
}

int parse_options(int count, char** arguments, launch_options* result) {
  int failure = parse_settings(count, arguments, result);
  if (failure != 0) return failure;
  result->arguments = arguments;
  if (result->command != NULL && result->command[0] != NULL) return 0;
  complain("no command was given: reuse exec [options] -- command [arguments]");
  return EINVAL;
}

uint16_t port_of(const socket_address* address) {
  return ntohs(address->any.sa_family == AF_INET ? address->four.sin_port
                                                  : address->six.sin6_port);
}

static void set_port(socket_address* address, uint16_t port) {
  if (address->any.sa_family == AF_INET) {
    address->four.sin_port = htons(port);
  } else {
    address->six.sin6_port = htons(port);
  }
}

/* Whether sockets that are bound to this port share it. */
static bool shares_port(const launch_options* options, uint16_t port) {
  if (options->port_count == 0) return true;
  for (size_t i = 0; i < options->port_count; i++) {
    if (options->ports[i] == port) return true;
  }
  return false;
}

bool is_chosen_port(const launch_options* options, uint16_t port) {
  if (shares_port(options, port)) return true;
  for (size_t i = 0; i < options->map_count; i++) {
    if (options->maps[i].to == port) return true;
  }
  return false;
}

bool set_address(socket_address* address, const socket_address* other, bool ipv6_only) {
  if (address->any.sa_family == other->any.sa_family) {
    if (other->any.sa_family == AF_INET) {
      address->four.sin_addr = other->four.sin_addr;
    } else {
      address->six.sin6_addr = other->six.sin6_addr;
    }
    return true;
  }
  if (address->any.sa_family == AF_INET || ipv6_only) return false;
  memset(&address->six.sin6_addr, 0, sizeof address->six.sin6_addr);
  address->six.sin6_addr.s6_addr[10] = 0xff;
  address->six.sin6_addr.s6_addr[11] = 0xff;
  memcpy(&address->six.sin6_addr.s6_addr[12], &other->four.sin_addr, 4);
  return true;
}

bind_decision decide_bind(const launch_options* options, const socket_address* wanted,
                          socklen_t length, bool ipv6_only) {
  bind_decision decision = {.address = *wanted, .length = length};
  uint16_t port = port_of(wanted);
  for (size_t i = 0; i < options->map_count; i++) {
    if (options->maps[i].from != port) continue;
    port = options->maps[i].to;
    set_port(&decision.address, port);
    decision.moved = true;
    break;
  }
  /* A program that asks for any free port wants one of its own: it is usually a client. */
  decision.shares = port != 0 && (decision.moved || shares_port(options, port));
  if (decision.shares && options->address.any.sa_family != 0) {
    bool fits = set_address(&decision.address, &options->address, ipv6_only);
    decision.moved = decision.moved || fits;
    decision.unfit = !fits;
  }
  return decision;
}
