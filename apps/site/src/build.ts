import { build, createServer } from 'vitepress'
import { writeApi } from './api.js'
import { siteFolder } from './places.js'

/** Builds the site into `.vitepress/dist`, or another folder. */
export async function buildSite(outDir?: string): Promise<void> {
  await writeApi()
  await build(siteFolder, outDir === undefined ? {} : { outDir })
}

/** Serves the site, and shows each change at once; until the process ends. */
export async function serveSite(port: number | undefined): Promise<void> {
  await writeApi()
  const server = await createServer(
    siteFolder,
    port === undefined ? {} : { port, strictPort: true },
  )
  await server.listen()
  server.printUrls()
}
