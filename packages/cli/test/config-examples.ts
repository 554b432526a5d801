/** What a config file may and may not contain: for the check, and for the JSON Schema. */

const app = { name: 'web', script: 'server.js' }

/** Both accept these. */
export const valid: readonly unknown[] = [
  app,
  { apps: [app] },
  { apps: [app, { name: 'api', command: 'python3', args: ['-m', 'http.server', '8080'] }] },
  { $schema: './node_modules/@reuse/cli/reuse.config.schema.json', ...app },
  { $schema: './schema.json', apps: [app] },
  {
    ...app,
    name: 'a.b_c-1',
    args: ['', 'a b'],
    nodeArgs: ['--enable-source-maps'],
    instances: 256,
    threads: true,
    env: { PORT: '3000', EMPTY: '' },
    cwd: '..',
    weight: 0,
    steering: 'source-address',
    balance: false,
    readyTimeout: 1,
    leaveTimeout: 86_400_000,
    holdTimeout: 0,
    maxMemory: 2 ** 20,
    waitReady: false,
  },
  { ...app, instances: 'auto', weight: 0.001, maxMemory: '512M', readyTimeout: '30s' },
  { ...app, leaveTimeout: '1500ms', holdTimeout: '0s', readyTimeout: '2m', maxMemory: '1G' },
  { ...app, maxMemory: '1024K' },
]

const names =
  'name, script, command, args, nodeArgs, instances, threads, env, cwd, weight, steering, balance, readyTimeout, leaveTimeout, holdTimeout, hangTimeout, maxMemory, waitReady'
const nameForm =
  'must be 1 to 64 letters, digits, ".", "_" and "-", begin with a letter or digit, and not be a number'
const words = 'must be an array of strings without NUL'
const text = 'must be a string that is not empty, without NUL'
const time = (least: number) =>
  `must be from ${least} ms to a day: a number of milliseconds, "1500ms", "30s" or "2m"`
const size = 'must be 1 MiB or more: a number of bytes, "512M" or "1G"'
const weight = 'must be 0, or a number from 0.001 to 1000'
const instances = 'must be an integer from 1 to 256, or "auto"'

/** Both refuse these; `says` is what the check says after the name of the file. */
export const invalid: readonly [given: unknown, says: string][] = [
  [null, 'the config must be an object, got null'],
  ['web', "the config must be an object, got 'web'"],
  [[app], 'the config must be an object, got [ [Object] ]'],
  [{ $schema: 1, ...app }, '"$schema" must be a string, got 1'],
  [{}, '"name" is missing'],
  [{ apps: [] }, '"apps" must be an array with at least one app, got []'],
  [
    // A variable may be a secret.
    { apps: { name: 'web', script: 'a.js', env: { KEY: 'secret' } } },
    `"apps" must be an array with at least one app, got { name: 'web', script: 'a.js', env: [Object] }`,
  ],
  [
    { apps: [app], watch: true },
    'unknown property "watch"; only "apps" and "$schema" are allowed here',
  ],
  [{ apps: [app, 'api'] }, "apps[1]: an app must be an object, got 'api'"],
  [
    { apps: [app, { ...app, name: 'api', instance: 2 }] },
    `apps[1]: unknown property "instance"; the properties are ${names}`,
  ],
  [
    { apps: [{ ...app, $schema: 'x' }] },
    `apps[0]: unknown property "$schema"; the properties are ${names}`,
  ],
  [{ app }, `unknown property "app"; the properties are ${names}`],
  [{ name: 'web' }, 'an app must have either "script" or "command"'],
  [{ ...app, command: 'python3' }, 'an app must have either "script" or "command"'],
  [
    { name: 'web', command: 'bun', nodeArgs: [] },
    '"nodeArgs" is for a "script", not for a "command"',
  ],
  [
    { name: 'web', command: 'bun', waitReady: true },
    '"waitReady" is for a "script", not for a "command"',
  ],
  [
    { name: 'web', command: 'bun', threads: true },
    '"threads" is for a "script", not for a "command"',
  ],
  [{ ...app, name: '' }, `"name" ${nameForm}, got ''`],
  [{ ...app, name: '1' }, `"name" ${nameForm}, got '1'`],
  [{ ...app, name: '-a' }, `"name" ${nameForm}, got '-a'`],
  [{ ...app, name: 'a/b' }, `"name" ${nameForm}, got 'a/b'`],
  [{ ...app, name: 'a\n' }, `"name" ${nameForm}, got 'a\\n'`],
  [{ ...app, name: 7 }, `"name" ${nameForm}, got 7`],
  [{ ...app, script: '' }, `"script" ${text}, got ''`],
  [{ name: 'web', command: ['node'] }, `"command" ${text}, got [ 'node' ]`],
  [{ ...app, cwd: 'a\0b' }, `"cwd" ${text}, got 'a\\x00b'`],
  [{ ...app, args: '--port 3000' }, `"args" ${words}, got '--port 3000'`],
  [{ ...app, args: [3000] }, `"args" ${words}, got [ 3000 ]`],
  [{ ...app, nodeArgs: ['\0'] }, `"nodeArgs" ${words}, got [ '\\x00' ]`],
  [{ ...app, instances: 0 }, `"instances" ${instances}, got 0`],
  [{ ...app, instances: 257 }, `"instances" ${instances}, got 257`],
  [{ ...app, instances: 1.5 }, `"instances" ${instances}, got 1.5`],
  [{ ...app, instances: 'max' }, `"instances" ${instances}, got 'max'`],
  [{ ...app, instances: '4' }, `"instances" ${instances}, got '4'`],
  [{ ...app, env: ['A=1'] }, '"env" must be an object with strings, but it is not an object'],
  [
    { ...app, env: { PORT: 3000 } },
    '"env" must be an object with strings, but "PORT" is not a valid string',
  ],
  [
    { ...app, env: { KEY: 'secret\0' } },
    '"env" must be an object with strings, but "KEY" is not a valid string',
  ],
  [
    { ...app, env: { 'A=B': 'secret' } },
    '"env" must be an object with strings, but one variable name is invalid',
  ],
  [{ ...app, weight: -1 }, `"weight" ${weight}, got -1`],
  [{ ...app, weight: 0.0001 }, `"weight" ${weight}, got 0.0001`],
  [{ ...app, weight: '1' }, `"weight" ${weight}, got '1'`],
  [
    { ...app, steering: 'fair' },
    `"steering" must be one of hash, random, source-address, cpu, got 'fair'`,
  ],
  [{ ...app, readyTimeout: 0 }, `"readyTimeout" ${time(1)}, got 0`],
  [{ ...app, readyTimeout: '30' }, `"readyTimeout" ${time(1)}, got '30'`],
  [{ ...app, readyTimeout: '1.5s' }, `"readyTimeout" ${time(1)}, got '1.5s'`],
  [{ ...app, leaveTimeout: '10 s' }, `"leaveTimeout" ${time(1)}, got '10 s'`],
  [{ ...app, leaveTimeout: 86_400_001 }, `"leaveTimeout" ${time(1)}, got 86400001`],
  [{ ...app, holdTimeout: -1 }, `"holdTimeout" ${time(0)}, got -1`],
  [{ ...app, holdTimeout: '1h' }, `"holdTimeout" ${time(0)}, got '1h'`],
  [{ ...app, maxMemory: 1000 }, `"maxMemory" ${size}, got 1000`],
  [{ ...app, maxMemory: '512MB' }, `"maxMemory" ${size}, got '512MB'`],
  [{ ...app, maxMemory: '1g' }, `"maxMemory" ${size}, got '1g'`],
  [{ ...app, threads: 4 }, '"threads" must be a boolean, got 4'],
  [{ ...app, balance: 1 }, '"balance" must be a boolean, got 1'],
  [{ ...app, waitReady: 'yes' }, `"waitReady" must be a boolean, got 'yes'`],
]

/** What no schema can say, and the check refuses. */
export const invalidByCheck: readonly [given: unknown, says: string][] = [
  [{ apps: [app, { ...app, script: 'b.js' }] }, 'apps[1]: apps[0] has the name "web" too'],
  [{ ...app, readyTimeout: '0s' }, `"readyTimeout" ${time(1)}, got '0s'`],
  [{ ...app, leaveTimeout: '1441m' }, `"leaveTimeout" ${time(1)}, got '1441m'`],
  [{ ...app, maxMemory: '1023K' }, `"maxMemory" ${size}, got '1023K'`],
]
