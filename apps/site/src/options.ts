import { parseArgs } from 'node:util'

export const usage = `npm run site                    builds the site into apps/site/.vitepress/dist
npm run site -- --to <folder>   builds it into another folder
npm run site -- --serve         serves it, and shows each change at once
npm run site -- --serve --port 4000
npm run site -- --record        records the reload that the home page shows; Linux only
npm run site -- --preview       takes the picture that is shown with a link to the site; needs Chromium
`

export interface Options {
  help: boolean
  serve: boolean
  record: boolean
  preview: boolean
  port?: number
  to?: string
}

/** @throws TypeError if an argument makes no sense */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      serve: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      preview: { type: 'boolean', default: false },
      port: { type: 'string' },
      to: { type: 'string' },
    },
  })
  const { help, serve, record, preview, port, to } = values
  if (record && (serve || preview || to !== undefined))
    throw new TypeError('--record cannot be combined with other options')
  if (preview && (serve || to !== undefined))
    throw new TypeError('--preview cannot be combined with other options')
  if (to !== undefined && serve) throw new TypeError('--to is for a build, not for --serve')
  if (port !== undefined && !serve) throw new TypeError('--port is for --serve')
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65535)) {
    throw new TypeError(`--port must be a number from 0 to 65535, got "${port}"`)
  }
  return {
    help,
    serve,
    record,
    preview,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(to === undefined ? {} : { to }),
  }
}
