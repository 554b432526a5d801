/**
 * The last word of an install that neither found a prebuilt binary nor could build one: what
 * node-gyp-build prints then tells why the build failed, but not what was tried before, nor what to
 * do.
 */
try {
  await import('./native.js')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
