#include "launcher.h"

#include <stdarg.h>
#include <stdio.h>

static void write_line(const char* format, va_list arguments) {
  fputs("reuse exec: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_line(format, arguments);
  va_end(arguments);
}

void explain(const launch_options* options, const char* format, ...) {
  if (!options->verbose) return;
  va_list arguments;
  va_start(arguments, format);
  write_line(format, arguments);
  va_end(arguments);
}
