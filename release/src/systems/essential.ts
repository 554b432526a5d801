/**
 * The test files that show most of what a binary does on one line of Node: the ways in, sharing between
 * programs, threads and forks, options, refusals. They run where all of them would take too long.
 */
export const essential: readonly string[] = [
  'alone.test.js',
  'connect.test.js',
  'descriptor.test.js',
  'listen-forms.test.js',
  'platform.test.js',
  'protocols.test.js',
  'sharing.test.js',
  'threads.test.js',
]
