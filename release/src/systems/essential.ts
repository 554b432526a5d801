/**
 * The test files that show most of what a binary does: the ways in, sharing between programs,
 * threads and forks, each other's listeners, options, refusals. They run where all of them would take
 * too long.
 */
export const essential: readonly string[] = [
  'alone.test.js',
  'connect.test.js',
  'descriptor.test.js',
  'holders.test.js',
  'listen-forms.test.js',
  'platform.test.js',
  'protocols.test.js',
  'sharing.test.js',
  'threads.test.js',
]
