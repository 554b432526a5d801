import { fileURLToPath } from 'node:url'

// Compiled, this file is in dist/src.
const site = new URL('../../', import.meta.url)

/** The folder of the site: its pages and its configuration. */
export const siteFolder = fileURLToPath(site)

/** The folder of the workspace. */
export const workspaceFolder = fileURLToPath(new URL('../../', site))

/** Where the pages of the API are written, from the types. */
export const apiFolder = fileURLToPath(new URL('pages/api/', site))

/** The recording that the home page shows. */
export const recordingFile = fileURLToPath(new URL('recordings/reload.json', site))

/** Where the site is built, unless another folder is named. */
export const builtFolder = fileURLToPath(new URL('.vitepress/dist/', site))

/** The picture that is shown with a link to the site. */
export const previewFile = fileURLToPath(new URL('pages/public/preview.png', site))
