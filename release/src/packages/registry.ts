import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '@reuse/testkit'
import { succeed } from '../command.js'
import { npmSetting } from './npm-setting.js'
import { toolFile } from './tools.js'
import { verdaccioFile } from './verdaccio.js'

/** How long the registry may take to start, in milliseconds. */
const patience = 60_000

/** A registry on loopback: it has what is published to it, and fetches everything else. */
export interface Registry {
  url: string
  publish(tarball: string): Promise<void>
  stop(): Promise<void>
}

export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const config = path.join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(await configuration(folder))) // JSON is also YAML.
  const args = [await verdaccioFile(), '--config', config, '--listen', `127.0.0.1:${port}`]
  const ca = await npmSetting('cafile')
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca }) },
  })
  // However this process ends, it leaves nothing behind.
  process.once('exit', () => child.kill())
  process.once('SIGTERM', () => process.exit(143))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }

  const deadline = AbortSignal.timeout(patience)
  while (!(await answers(url))) {
    if (child.exitCode !== null || deadline.aborted) {
      child.kill()
      throw new Error(`the registry did not start:\n${output}`)
    }
    await setTimeout(50)
  }

  const userConfig = path.join(folder, 'publisher.npmrc')
  // npm publishes only with a token; the registry accepts any.
  writeFileSync(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`)
  return {
    url,
    async publish(tarball) {
      const npm = await toolFile('npm')
      const options = ['--userconfig', userConfig, '--provenance=false']
      await succeed([process.execPath, npm, 'publish', tarball, ...options], { cwd: folder })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'close')
    },
  }
}

async function configuration(folder: string): Promise<object> {
  return {
    storage: path.join(folder, 'storage'),
    uplinks: { npm: { url: await npmSetting('registry') } },
    packages: {
      '@reuse/*': { access: '$all', publish: '$all' },
      '**': { access: '$all', proxy: 'npm' },
    },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}-/ping`)).ok
  } catch {
    return false
  }
}
