// `npm run build`: installs what is missing and builds every package.
import { prepare } from './prepare.js'
import { runScript } from './steps.js'

await runScript(prepare)
