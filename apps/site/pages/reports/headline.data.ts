import { existsSync } from 'node:fs'
import path from 'node:path'
import { reportsFolder } from '../../.vitepress/published.js'

/** Whether there is a picture of findings in short. */
export default {
  load: (): boolean => existsSync(path.join(reportsFolder, 'headline.svg')),
}
