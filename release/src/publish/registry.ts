import { spawnSync } from 'node:child_process'

/** Whether npm has this version of a package. If the registry does not answer, throws an error. */
export function isPublished(name: string, version: string): boolean {
  const { stdout, stderr, status } = spawnSync(
    'npm',
    ['view', name, 'versions', '--json', '--prefer-online'],
    // npm is a batch file on Windows.
    { encoding: 'utf8', shell: process.platform === 'win32' },
  )
  if (stdout?.includes('"E404"')) return false
  if (status !== 0) throw new Error(`npm could not look for ${name}:\n${stderr || stdout}`)
  const versions: unknown = JSON.parse(stdout)
  return [versions].flat().includes(version)
}
