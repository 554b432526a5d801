import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeBlocks } from '@reuse/testkit'
import type { PackedPackage } from './tarball.js'

/** The program that serves in a package's README, as it is published. */
export function readmeProgram({ folder }: PackedPackage): string {
  const [program] = codeBlocks(pathToFileURL(path.join(folder, 'README.md')), 'js')
  if (program === undefined) throw new Error(`the README in ${folder} has no program`)
  return program
}

const answer = 'Hello from process $' + '{process.pid}'

/** The same as CommonJS programs, by package name. */
export const commonJsPrograms: Readonly<Record<string, string>> = {
  '@reuse/core': `
    const { setReuse } = require('@reuse/core')
    const server = require('node:http').createServer((_, response) => {
      response.setHeader('connection', 'close').end(\`${answer}\`)
    })
    setReuse(server)
    server.listen(process.env.PORT, '127.0.0.1')`,
  '@reuse/express': `
    const app = require('express')()
    app.get('/', (_, response) => response.send(\`${answer}\`))
    require('@reuse/express').reuse(app).listen(process.env.PORT)`,
  '@reuse/fastify': `
    const app = require('fastify')()
    app.register(require('@reuse/fastify'))
    app.get('/', async () => \`${answer}\`)
    app.listen({ port: process.env.PORT, host: '127.0.0.1' })`,
  '@reuse/koa': `
    const app = new (require('koa'))()
    app.use((context) => { context.body = \`${answer}\` })
    require('@reuse/koa').reuse(app).listen(process.env.PORT)`,
}
