/** PM2's ecosystem file: what is read from it, and what is reported because it is not. */
import assert from 'node:assert/strict'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AppOptions } from '../src/config/app/options.js'
import {
  type Ecosystem,
  findEcosystem,
  type Ignored,
  isEcosystem,
  readEcosystem,
} from '../src/config/ecosystem.js'
import { splitWords } from '../src/config/pm2/words.js'
import { makeFolder } from './folders.js'

/** Reads a file with this content, in a folder with some programs. */
async function readContent(
  t: TestContext,
  content: string,
  { name = 'ecosystem.config.cjs', environment }: { name?: string; environment?: string } = {},
): Promise<Ecosystem & { folder: string }> {
  const folder = makeFolder(t, {
    [name]: content,
    'server.js': '',
    'sub/app.js': '',
    node: '#!/usr/bin/env node\n',
    plain: 'console.log(1)\n',
    shell: '#!/bin/sh\n',
    binary: '\x7fELF\0\0',
  })
  return { folder, ...(await readEcosystem(path.join(folder, name), environment)) }
}

/** What one app of a file becomes, with FOLDER in place of the file's folder. */
async function mapOne(
  t: TestContext,
  app: Readonly<Record<string, unknown>>,
  environment?: string,
): Promise<{ app: AppOptions; ignored: Ignored[] }> {
  const content = `module.exports = { apps: [${JSON.stringify(app)}] }`
  const options = environment === undefined ? {} : { environment }
  const { folder, apps, ignored } = await readContent(t, content, options)
  const [one] = JSON.parse(JSON.stringify(apps).replaceAll(folder, 'FOLDER'))
  return { app: one, ignored }
}

const needsUnix = { skip: process.platform === 'win32' && 'the paths are those of Unix' }

const web = { name: 'web', script: 'server.js' }
const asScript = {
  ...{ name: 'web', script: 'FOLDER/server.js', args: [], nodeArgs: [] },
  ...{ cwd: 'FOLDER', env: {} },
}

/** What becomes of an app, apart from what is ignored. */
const mapped: [given: object, options: Partial<AppOptions>][] = [
  [{}, {}],
  [{ name: undefined }, { name: 'server' }],
  [
    { name: undefined, script: './sub/app.js' },
    { name: 'app', script: 'FOLDER/sub/app.js' },
  ],
  [
    { cwd: 'sub', script: 'app.js' },
    { cwd: 'FOLDER/sub', script: 'FOLDER/sub/app.js' },
  ],
  [{ args: `--a 'b c' "d e"` }, { args: ['--a', 'b c', 'd e'] }],
  [{ args: ['--port', 3000] }, { args: ['--port', '3000'] }],
  [{ node_args: '--inspect --expose-gc' }, { nodeArgs: ['--inspect', '--expose-gc'] }],
  [{ interpreter_args: ['--inspect'] }, { nodeArgs: ['--inspect'] }],
  [{ interpreterArgs: '--inspect' }, { nodeArgs: ['--inspect'] }],
  [{ interpreter: 'node' }, {}],
  [{ interpreter: process.execPath }, {}],
  [{ script: 'node' }, { script: 'FOLDER/node' }],
  [{ script: 'plain' }, { script: 'FOLDER/plain' }],
  [{ script: 'gone.js' }, { script: 'FOLDER/gone.js' }],
  [{ script: undefined, exec: 'server.js' }, {}],
  [{ script: undefined, cmd: 'server.js' }, {}],
  [{ exec: 'other.js' }, {}],
  [{ killTimeout: 1, kill_timeout: 2 }, { leaveTimeout: 2 }],
  [{ instances: 'max' }, { instances: 'auto' }],
  [{ instances: 0 }, { instances: 'auto' }],
  [{ instances: '3' }, { instances: 3 }],
  [{ instances: 1, exec_mode: 'cluster' }, { instances: 1 }],
  [{ instances: -1 }, { instances: Math.max(1, os.availableParallelism() - 1) }],
  [{ instances: -1000 }, { instances: 1 }],
  [{ exec_mode: 'fork_mode', execute_command: true }, {}],
  [{ max_memory_restart: '300M' }, { maxMemory: 300 * 2 ** 20 }],
  [{ max_memory_restart: '2G' }, { maxMemory: 2 * 2 ** 30 }],
  [{ max_memory_restart: '2048K' }, { maxMemory: 2 ** 21 }],
  [{ max_memory_restart: '4194304' }, { maxMemory: 2 ** 22 }],
  [{ maxMemoryRestart: 4_194_304 }, { maxMemory: 2 ** 22 }],
  [{ max_memory_restart: 0 }, {}],
  [
    { kill_timeout: 5000, listen_timeout: '8000' },
    { leaveTimeout: 5000, readyTimeout: 8000 },
  ],
  [{ killTimeout: 5000, listen_timeout: 0 }, { leaveTimeout: 5000 }],
  [{ wait_ready: true }, { waitReady: true }],
  [
    { env: { A: 'x', B: 1, C: true, D: { e: 1 } } },
    { env: { A: 'x', B: '1', C: 'true', D: '{"e":1}' } },
  ],
  [{ port: 3000, env: { PORT: 1 } }, { env: { PORT: '3000' } }],
  [{ env_production: { A: 'x' } }, {}],
  [{ uid: process.getuid?.() ?? null, gid: process.getgid?.() ?? null }, {}],
  [{ user: os.userInfo().username }, {}],
]

for (const [given, options] of mapped) {
  test(`PM2 properties are read: ${JSON.stringify(given)}`, needsUnix, async (t) => {
    const { app, ignored } = await mapOne(t, { ...web, ...given })
    assert.deepEqual(app, { ...asScript, ...options })
    const isNumbered = ![undefined, 1].some((one) => one === options.instances)
    assert.deepEqual(
      ignored.map(({ property }) => property),
      isNumbered ? ['NODE_APP_INSTANCE'] : [],
    )
  })
}

const { script: _, nodeArgs: __, ...asCommand } = asScript

const commands: [given: object, options: Partial<AppOptions>][] = [
  [{ script: 'binary' }, { command: 'FOLDER/binary' }],
  [
    { script: 'shell', args: 'a' },
    { command: 'FOLDER/shell', args: ['a'] },
  ],
  [
    { script: 'npm', args: 'run start' },
    { command: 'npm', args: ['run', 'start'] },
  ],
  [{ interpreter: 'none' }, { command: 'FOLDER/server.js' }],
  [{ script: 'nginx', interpreter: 'none' }, { command: 'nginx' }],
  [{ script: 'npm run start' }, { command: 'bash', args: ['-c', 'npm run start'] }],
  [
    { interpreter: 'tsx', interpreter_args: '--no-cache', args: 'a' },
    { command: 'tsx', args: ['--no-cache', 'FOLDER/server.js', 'a'] },
  ],
  [
    { script: 'app.py' },
    { command: 'python3', args: ['FOLDER/app.py'], env: { PYTHONUNBUFFERED: '1' } },
  ],
  [
    { script: 'app.py', exec_interpreter: '/opt/python', env: { PYTHONUNBUFFERED: '' } },
    { command: '/opt/python', args: ['FOLDER/app.py'], env: { PYTHONUNBUFFERED: '' } },
  ],
  [{ script: 'app.sh' }, { command: 'bash', args: ['FOLDER/app.sh'] }],
]

for (const [given, options] of commands) {
  test(`a PM2 app becomes a command: ${JSON.stringify(given)}`, needsUnix, async (t) => {
    const { app, ignored } = await mapOne(t, { ...web, ...given })
    assert.deepEqual(app, { ...asCommand, ...options })
    assert.deepEqual(ignored, [])
  })
}

const renamed: [given: string, name: string][] = [
  ['API server', 'API-server'],
  ['@scope/app', 'scope-app'],
  ['404', 'app-404'],
  ['a'.repeat(70), 'a'.repeat(64)],
]

for (const [name, becomes] of renamed) {
  test(`the PM2 app name "${name}" becomes ${becomes}`, async (t) => {
    const { app, ignored } = await mapOne(t, { ...web, name })
    assert.equal(app.name, becomes)
    const why = `the app is called "${becomes}" here`
    assert.deepEqual(ignored, [{ app: becomes, property: 'name', why }])
  })
}

/** Values with which PM2 does what is done here too: there is nothing to report. */
const same = {
  ...{ watch: false, autorestart: true, autostart: true, cron_restart: 0, restart_delay: 0 },
  ...{ exp_backoff_restart_delay: 0, log_file: false, merge_logs: true, disable_logs: false },
  ...{ time: false, filter_env: false, shutdown_with_message: false, source_map_support: false },
  ...{ disable_source_map_support: true, namespace: 'default', append_env_to_name: false },
  ...{ force: false, vizion: false, pmx: false, automation: false, trace: false, v8: false },
  ...{ disable_trace: true, deep_monitoring: false, event_loop_inspector: false, write: false },
  ...{ kill_retry_time: 100, max_restarts: undefined, min_uptime: null },
}

test('PM2 properties whose values match what reuse does are not reported as ignored', async (t) => {
  assert.deepEqual((await mapOne(t, { ...web, ...same })).ignored, [])
})

/** All that PM2 7 documents or checks, apart from what is read. */
const ignoredValues = {
  ...{ watch: ['src'], ignore_watch: ['node_modules'], watch_delay: 1000, watch_options: {} },
  ...{ cron_restart: '0 0 * * *', autostart: false, stop_exit_codes: [0] },
  ...{ min_uptime: '5s', max_restarts: 10, restart_delay: 100, exp_backoff_restart_delay: 100 },
  ...{ out_file: 'a', error_file: 'b', log_file: 'c', merge_logs: false, disable_logs: true },
  ...{ log_type: 'json', log_date_format: 'YYYY', time: true, pid_file: 'd' },
  ...{ instance_var: 'ID', increment_var: 'PORT', filter_env: ['A'], shutdown_with_message: true },
  ...{ treekill: false, kill_retry_time: 1, source_map_support: true, namespace: 'x' },
  ...{ disable_source_map_support: false, name_prefix: 'x', append_env_to_name: true, force: true },
  ...{ vizion: true, install_url: 'x', post_update: ['x'], write: true, username: 'x', pmx: true },
  ...{ automation: true, trace: true, disable_trace: false, deep_monitoring: true, v8: true },
  ...{ event_loop_inspector: true, io: {}, windowsHide: true },
}

/** Other names of some of these. */
const aliases = {
  ...{ out: 'a', output: 'a', out_log: 'a', outFile: 'a', error: 'b', err: 'b', err_file: 'b' },
  ...{ err_log: 'b', log: 'c', pid: 'd', cron: '* * * * *', combine_logs: false, maxRestarts: 3 },
}

for (const [property, value] of [...Object.entries(ignoredValues), ...Object.entries(aliases)]) {
  test(`a PM2 property is ignored: ${property}: ${JSON.stringify(value)}`, needsUnix, async (t) => {
    const { app, ignored } = await mapOne(t, { ...web, [property]: value })
    assert.deepEqual(app, asScript)
    const [one] = ignored
    assert.deepEqual(ignored, [{ app: 'web', property, why: one?.why }])
    assert.doesNotMatch(one?.why ?? '', /does not know it/)
  })
}

const ignoredBecause: [given: object, property: string, why: string][] = [
  [{ bogus: 1 }, 'bogus', 'PM2 7 does not know it either'],
  [{ constructor: 1 }, 'constructor', 'PM2 7 does not know it either'],
  [
    { max_restarts: 3 },
    'max_restarts',
    'a worker that ends is always started again, after 0.1 seconds first and 15 seconds at most',
  ],
  [{ interpreter: 'node@18' }, 'interpreter', 'workers run on the Node that runs reuse'],
  [{ interpreter: '/opt/node' }, 'interpreter', 'workers run on the Node that runs reuse'],
  [{ interpreter: 'none', node_args: '-i' }, 'node_args', 'nothing interprets it'],
  [
    { interpreter: 'bun', wait_ready: true },
    'wait_ready',
    'only a Node script can send that message',
  ],
  [{ script: 'npm start', args: 'x' }, 'args', 'a "script" with a space is a line for Bash'],
  [
    { instances: 2 },
    'NODE_APP_INSTANCE',
    'a worker is not told its number: each is like the others',
  ],
]

for (const [given, property, why] of ignoredBecause) {
  test(`PM2 properties are ignored for the right reason: ${JSON.stringify(given)}`, async (t) => {
    const { ignored } = await mapOne(t, { ...web, ...given })
    assert.deepEqual(ignored, [{ app: 'web', property, why }])
  })
}

test('an app may have all PM2 properties; the ignored ones are reported', needsUnix, async (t) => {
  const everything = {
    ...web,
    ...ignoredValues,
    instances: 4,
    exec_mode: 'cluster',
    env: { A: 'x' },
  }
  const { app, ignored } = await mapOne(t, everything)
  assert.deepEqual(app, { ...asScript, instances: 4, env: { A: 'x' } })
  assert.deepEqual(
    ignored.map(({ property }) => property).sort(),
    Object.keys(ignoredValues).sort(),
  )
})

const sections = `module.exports = {
  apps: [
    { name: 'a', script: 'server.js', env: { X: 'env', Y: 'env' }, env_production: { Y: 'production' } },
    { name: 'b', script: 'server.js', env_inTest: { X: 'test' } },
  ],
  deploy: { production: { user: 'u', env: { X: 'deploy', Z: 'deploy' } }, staging: {} },
}`

test('an environment selects the env_* sections of apps and the env of "deploy"', async (t) => {
  const { apps, ignored } = await readContent(t, sections, { environment: 'production' })
  assert.deepEqual(
    apps.map(({ env }) => env),
    [
      { X: 'env', Y: 'production', Z: 'deploy' },
      { X: 'deploy', Z: 'deploy' },
    ],
  )
  assert.deepEqual(ignored, [
    { app: 'b', property: 'env_production', why: 'the app has no such section' },
    { app: null, property: 'deploy', why: 'reuse deploys nothing; only its "env" is read' },
  ])
  const other = await readContent(t, sections, { environment: 'inTest' })
  assert.deepEqual(
    other.apps.map(({ env }) => env),
    [{ X: 'env', Y: 'env' }, { X: 'test' }],
  )
  const without = await readContent(t, sections)
  assert.deepEqual(
    without.apps.map(({ env }) => env),
    [{ X: 'env', Y: 'env' }, {}],
  )
})

test('an environment that no app has is an error that lists the known ones', async (t) => {
  await assert.rejects(
    readContent(t, sections, { environment: 'prod' }),
    /no app has an environment "prod"; there are production, inTest, staging$/,
  )
  await assert.rejects(
    readContent(t, `module.exports = { script: 'a.js' }`, { environment: 'prod' }),
    /no app has an environment "prod"; there are none$/,
  )
})

const forms: [name: string, content: string][] = [
  ['ecosystem.config.js', `module.exports = { apps: [{ script: 'web.js' }] }`],
  ['ecosystem.config.cjs', `module.exports = { apps: { script: 'web.js' } }`],
  ['ecosystem.config.cjs', `module.exports = [{ script: 'web.js' }]`],
  ['ecosystem.config.cjs', `module.exports = { script: 'web.js' }`],
  ['ecosystem.config.mjs', `export const apps = [{ script: 'web.js' }]`],
  ['ecosystem.config.mjs', `export default { apps: [{ script: 'web.js' }] }`],
  ['pm2.config.js', `module.exports = { pm2: [{ script: 'web.js' }] }`],
  ['ecosystem.json', `{ "apps": [{ "script": "web.js" /* the server */ }] } // end`],
  ['ecosystem.config.json', `[{ "script": "web.js" }]`],
]

for (const [name, content] of forms) {
  test(`${name} is found and read: ${content}`, async (t) => {
    const { folder, apps, ignored } = await readContent(t, content, { name })
    assert.equal(findEcosystem(folder), path.join(folder, name))
    assert.ok(isEcosystem(name))
    assert.deepEqual(
      apps.map((one) => [one.name, one.script]),
      [['web', path.join(folder, 'web.js')]],
    )
    assert.deepEqual(ignored, [])
  })
}

test('"deploy" and other entries beside the apps are reported as ignored', async (t) => {
  const content = `module.exports = { apps: [{ script: 'web.js' }], static: [], deploy: {}, x: 1 }`
  const { ignored } = await readContent(t, content)
  assert.deepEqual(ignored, [
    { app: null, property: 'static', why: 'reuse serves no files' },
    { app: null, property: 'deploy', why: 'reuse deploys nothing; only its "env" is read' },
    { app: null, property: 'x', why: 'PM2 7 does not know it either' },
  ])
  const alone = await readContent(t, `module.exports = { script: 'web.js', deploy: {} }`)
  assert.deepEqual(
    alone.ignored.map(({ property }) => property),
    ['deploy'],
  )
})

test('reuse.config.js and my-ecosystem.config.js are not ecosystem files', () => {
  assert.ok(!isEcosystem('reuse.config.js'))
  assert.ok(!isEcosystem('my-ecosystem.config.js'))
})

const time = 'must be from 1 ms to a day: a number of milliseconds, "1500ms", "30s" or "2m"'

const wrong: [content: string, says: string][] = [
  ['module.exports = 1', 'FILE: the config must be an object or an array, got 1'],
  ['module.exports = { apps: [] }', 'FILE: "apps" must have at least one app'],
  ['module.exports = { apps: [1] }', 'FILE: apps[0]: an app must be an object, got 1'],
  ['module.exports = { apps: [{ name: "a" }] }', 'FILE: apps[0]: "script" is missing'],
  ['module.exports = { name: "a" }', 'FILE: "script" is missing'],
  ['module.exports = { exec: 1 }', 'FILE: "exec" must be a string that is not empty'],
  ['module.exports = { script: "a.js", name: "?" }', 'FILE: "name" has no letter or digit: "?"'],
  [
    'module.exports = [{ script: "a.js" }, { script: "b/a.js" }]',
    'FILE: apps[1]: apps[0] has the name "a" too',
  ],
  [
    `module.exports = { script: 'a.js', args: '"a' }`,
    'FILE: "args" has a quote that is not closed',
  ],
  [
    `module.exports = { script: 'a.js', interpreter_args: 1 }`,
    'FILE: "interpreter_args" must be a string, or an array of strings',
  ],
  [
    `module.exports = { script: 'a.js', instances: 'all' }`,
    'FILE: "instances" must be an integer or "max", got all',
  ],
  [
    `module.exports = { script: 'a.js', instances: 300 }`,
    'FILE: "instances" must be an integer from 1 to 256, or "auto", got 300',
  ],
  [
    `module.exports = { script: 'a.js', exec_mode: 'thread' }`,
    'FILE: "exec_mode" must be "cluster" or "fork", got thread',
  ],
  [`module.exports = { script: 'a.js', killTimeout: -1 }`, `FILE: "killTimeout" ${time}, got -1`],
  [
    `module.exports = { script: 'a.js', listen_timeout: 'x' }`,
    `FILE: "listen_timeout" ${time}, got 'x'`,
  ],
  [
    `module.exports = { script: 'a.js', max_memory_restart: 8 }`,
    'FILE: "max_memory_restart" must be 1 MiB or more: a number of bytes, "512M" or "1G", got 8',
  ],
  [
    `module.exports = { script: 'a.js', wait_ready: 1 }`,
    'FILE: "wait_ready" must be a boolean, got 1',
  ],
  [
    `module.exports = { script: 'a.js', autorestart: false }`,
    'FILE: "autorestart" is false, but a worker that ends is always restarted: run a job that ends by itself with cron or a systemd timer; otherwise remove this property',
  ],
  [`module.exports = { script: 'a.js', env: 'A=1' }`, 'FILE: "env" must be an object'],
  [
    `module.exports = { script: 'a.js', cwd: 1 }`,
    'FILE: "cwd" must be a string that is not empty, without NUL, got 1',
  ],
  [
    `module.exports = { script: 'a.js', user: 'nobody-here' }`,
    'FILE: "user" is nobody-here, but workers run as the user and group of reuse run: set those instead, for example with User= and Group= of systemd, and remove this property',
  ],
]

for (const [content, says] of wrong) {
  test(`an ecosystem file is refused: ${content}`, async (t) => {
    await assert.rejects(readContent(t, content), (error: Error) => {
      assert.equal(error.message.replace(/^.*ecosystem\.config\.cjs/, 'FILE'), says)
      return true
    })
  })
}

test('an ecosystem file with broken JSON or in YAML is refused', async (t) => {
  const json = { name: 'ecosystem.json' }
  await assert.rejects(readContent(t, '{ "apps": [', json), /cannot be read: .*SyntaxError/s)
  const yaml = { name: 'ecosystem.config.yml' }
  await assert.rejects(readContent(t, 'apps: []', yaml), /YAML is not read; write it as JSON/)
})

const lines: [text: string, words: string[] | null][] = [
  ['', []],
  ['  a\tb\n', ['a', 'b']],
  [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
  [`--x="a b"'c'd ''`, ['--x=a bcd', '']],
  [String.raw`"a\"b\\c\$d\n" 'a\b'`, [String.raw`a"b\c$d\n`, String.raw`a\b`]],
  ['$HOME *.js ~ #x', ['$HOME', '*.js', '~', '#x']],
  ['é ñ', ['é', 'ñ']],
  [`'a`, null],
  ['"a', null],
  ['a\\', null],
]

for (const [text, words] of lines) {
  test(`splitWords of ${JSON.stringify(text)}`, () => assert.deepEqual(splitWords(text), words))
}
