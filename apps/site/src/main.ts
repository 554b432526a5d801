import { writeFileSync } from 'node:fs'
import { buildSite, serveSite } from './build.js'
import { type Options, readOptions, usage } from './options.js'
import { builtFolder, previewFile, recordingFile } from './places.js'
import { takePreview } from './preview.js'
import { recordReload } from './recording/record.js'
import { countRequests } from './recording/recording.js'

const options = read()
if (options?.help) {
  console.log(usage)
} else if (options?.record) {
  const recording = await recordReload(1500)
  writeFileSync(recordingFile, `${JSON.stringify(recording, null, 1)}\n`)
  console.log(`${recordingFile}:`, countRequests(recording))
} else if (options?.preview) {
  await buildSite(builtFolder)
  await takePreview(builtFolder, previewFile)
  console.log(previewFile)
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
