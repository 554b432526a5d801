/**
 * The test files that cover most of what a binary does on one line of Node: the entry points, sharing
 * between programs, threads and forks, options, refusals. They run where all files would take too long.
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
