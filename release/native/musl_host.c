/*
 * Loads the addon where there is no Node for the C library: opens the file with
 * every symbol resolved, calls its entry point, and prints the functions that it
 * defines, one per line: musl_host FILE.
 *
 * The functions of Node-API are stubs that do nothing. What they are needed for
 * is tested in Node itself, on other systems.
 */
#include <dlfcn.h>
#include <node_api.h>
#include <stdio.h>

#define STUB(name, ...)           \
  napi_status name(__VA_ARGS__) { \
    return napi_ok;               \
  }

static int handle;

STUB(napi_create_array_with_length, napi_env e, size_t n, napi_value* r)
STUB(napi_create_double, napi_env e, double v, napi_value* r)
STUB(napi_create_error, napi_env e, napi_value c, napi_value m, napi_value* r)
STUB(napi_create_int32, napi_env e, int32_t v, napi_value* r)
STUB(napi_create_object, napi_env e, napi_value* r)
STUB(napi_create_string_utf8, napi_env e, const char* s, size_t n, napi_value* r)
STUB(napi_get_boolean, napi_env e, bool v, napi_value* r)
STUB(napi_get_cb_info, napi_env e, napi_callback_info i, size_t* n, napi_value* v, napi_value* t,
     void** d)
STUB(napi_get_typedarray_info, napi_env e, napi_value v, napi_typedarray_type* t, size_t* n,
     void** d, napi_value* b, size_t* o)
STUB(napi_get_undefined, napi_env e, napi_value* r)
STUB(napi_get_value_double, napi_env e, napi_value v, double* r)
STUB(napi_get_value_string_utf8, napi_env e, napi_value v, char* b, size_t n, size_t* r)
STUB(napi_set_element, napi_env e, napi_value o, uint32_t i, napi_value v)
STUB(napi_add_env_cleanup_hook, napi_env e, void (*f)(void*), void* d)
STUB(napi_call_function, napi_env e, napi_value t, napi_value f, size_t n, const napi_value* v,
     napi_value* r)
STUB(napi_call_threadsafe_function, napi_threadsafe_function f, void* d,
     napi_threadsafe_function_call_mode m)
STUB(napi_create_buffer_copy, napi_env e, size_t n, const void* d, void** c, napi_value* r)
STUB(napi_create_string_latin1, napi_env e, const char* s, size_t n, napi_value* r)
STUB(napi_create_threadsafe_function, napi_env e, napi_value f, napi_value o, napi_value n,
     size_t m, size_t t, void* d,
     napi_finalize c, void* x, napi_threadsafe_function_call_js j, napi_threadsafe_function* r)
STUB(napi_fatal_exception, napi_env e, napi_value v)
STUB(napi_get_and_clear_last_exception, napi_env e, napi_value* r)
STUB(napi_get_instance_data, napi_env e, void** r)
STUB(napi_get_null, napi_env e, napi_value* r)
STUB(napi_release_threadsafe_function, napi_threadsafe_function f,
     napi_threadsafe_function_release_mode m)
STUB(napi_set_instance_data, napi_env e, void* d, napi_finalize f, void* h)
STUB(napi_typeof, napi_env e, napi_value v, napi_valuetype* r)
STUB(napi_unref_threadsafe_function, napi_env e, napi_threadsafe_function f)
STUB(napi_throw, napi_env e, napi_value v)
STUB(napi_throw_error, napi_env e, const char* c, const char* m)
STUB(napi_throw_range_error, napi_env e, const char* c, const char* m)
STUB(napi_throw_type_error, napi_env e, const char* c, const char* m)

/* These two show what the addon defines: a function, then its name on `exports`. */
napi_status napi_create_function(napi_env e, const char* name, size_t n, napi_callback call,
                                 void* data, napi_value* result) {
  *result = call == NULL ? NULL : (napi_value)&handle;
  return napi_ok;
}

napi_status napi_set_named_property(napi_env e, napi_value object, const char* name,
                                    napi_value value) {
  printf("%s%s\n", name, value == NULL ? " is no function" : "");
  return napi_ok;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: musl_host FILE\n");
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  napi_value (*start)(napi_env, napi_value);
  *(void**)&start = dlsym(library, "napi_register_module_v1");
  if (start == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  return start(NULL, (napi_value)&handle) == (napi_value)&handle ? 0 : 1;
}
