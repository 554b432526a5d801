import { buildSite, serveSite } from './build.js'
import { type Options, readOptions, usage } from './options.js'

const options = read()
if (options?.help) {
  console.log(usage)
} else if (options?.serve) {
  await serveSite(options.port)
} else if (options !== null) {
  await buildSite(options.to)
}

function read(): Options | null {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 1
    return null
  }
}
