/*
 * Node-API for a Windows binary that is linked without Node's import library.
 *
 * An addon that imports from "node.exe" needs a program of that name, but a
 * renamed Node, or Electron, has a different one. Here each function of Node-API
 * is a jump to an address, and when the addon is loaded, the addresses are looked
 * up in the program that loads it. node-gyp has its own solution, a delay-load
 * hook, so this file is not part of binding.gyp.
 *
 * A function that is missing from this list is an undefined symbol when the addon
 * is linked.
 */
#include <windows.h>

#define NODE_API_FUNCTIONS(DO) \
  DO(napi_add_env_cleanup_hook) \
  DO(napi_call_function) \
  DO(napi_call_threadsafe_function) \
  DO(napi_create_array_with_length) \
  DO(napi_create_buffer_copy) \
  DO(napi_create_double) \
  DO(napi_create_error) \
  DO(napi_create_function) \
  DO(napi_create_int32) \
  DO(napi_create_object) \
  DO(napi_create_string_latin1) \
  DO(napi_create_string_utf8) \
  DO(napi_create_threadsafe_function) \
  DO(napi_fatal_exception) \
  DO(napi_get_and_clear_last_exception) \
  DO(napi_get_boolean) \
  DO(napi_get_cb_info) \
  DO(napi_get_instance_data) \
  DO(napi_get_null) \
  DO(napi_get_typedarray_info) \
  DO(napi_get_undefined) \
  DO(napi_get_value_double) \
  DO(napi_get_value_string_utf8) \
  DO(napi_release_threadsafe_function) \
  DO(napi_set_element) \
  DO(napi_set_instance_data) \
  DO(napi_set_named_property) \
  DO(napi_throw) \
  DO(napi_throw_error) \
  DO(napi_throw_range_error) \
  DO(napi_throw_type_error) \
  DO(napi_typeof) \
  DO(napi_unref_threadsafe_function)

/* A jump leaves every argument where it is, so the signatures do not matter. */
#if defined(__x86_64__)
#define JUMP(variable) "  jmpq *" variable "(%rip)\n"
#elif defined(__aarch64__)
/* x16 is a register that may change on the way to a function; AAPCS64, 6.1.1. */
#define JUMP(variable)                      \
  "  adrp x16, " variable "\n"              \
  "  ldr x16, [x16, :lo12:" variable "]\n"  \
  "  br x16\n"
#else
#error "no jump is written for this processor"
#endif

#define DEFINE_FUNCTION(name)   \
  FARPROC name##_address;       \
  __asm__(                      \
      "  .text\n"               \
      "  .p2align 2\n"          \
      "  .globl " #name "\n"    \
      #name ":\n"               \
      JUMP(#name "_address"));

NODE_API_FUNCTIONS(DEFINE_FUNCTION)

static const struct {
  const char* name;
  FARPROC* address;
} functions[] = {
#define LIST_FUNCTION(name) {#name, &name##_address},
    NODE_API_FUNCTIONS(LIST_FUNCTION)
};

/* Called with the loader lock held, under which it is allowed to query a module
 * that is already loaded. FALSE refuses the load. */
BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
  (void)self;
  (void)reserved;
  if (reason != DLL_PROCESS_ATTACH) return TRUE;

  HMODULE program = GetModuleHandleW(NULL);
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    *functions[i].address = GetProcAddress(program, functions[i].name);
    if (*functions[i].address == NULL) return FALSE;
  }
  return TRUE;
}
