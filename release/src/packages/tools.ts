import { readFileSync } from 'node:fs'
import path from 'node:path'
import { installFromNpm } from '@reuse/testkit'
import { root } from '../root.js'

/** Third-party programs that check and install the packages: exact, so that a run can be repeated. */
const tools = {
  npm: ['npm', '11.19.1', 'bin/npm-cli.js'],
  npx: ['npm', '11.19.1', 'bin/npx-cli.js'],
  // The npm that comes with Node 20 and 22.
  npm10: ['npm', '10.9.9', 'bin/npm-cli.js'],
  npx10: ['npm', '10.9.9', 'bin/npx-cli.js'],
  npm12: ['npm', '12.2.2', 'bin/npm-cli.js'],
  npx12: ['npm', '12.2.2', 'bin/npx-cli.js'],
  pnpm: ['pnpm', pinnedPnpm(), 'bin/pnpm.mjs'],
  yarn1: ['yarn', '1.22.22', 'bin/yarn.js'],
  yarn4: ['@yarnpkg/cli-dist', '4.18.1', 'bin/yarn.js'],
  publint: ['publint', '0.3.25', 'src/cli.js'],
  attw: ['@arethetypeswrong/cli', '0.18.5', 'dist/index.js'],
} as const

export type Tool = keyof typeof tools

/** The file that Node runs for a tool, which is installed on the first call. */
export async function toolFile(tool: Tool): Promise<string> {
  const [name, version, file] = tools[tool]
  return path.join(await installFromNpm(name, version), file)
}

export function toolVersion(tool: Tool): string {
  return `${tools[tool][0]} ${tools[tool][1]}`
}

/** The pnpm that the workspace itself is installed and published with. */
function pinnedPnpm(): string {
  const { packageManager }: { packageManager: string } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  )
  return packageManager.replace('pnpm@', '')
}
