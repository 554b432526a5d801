import { repository } from './repository.js'

/**
 * Parts of the packages' READMEs that pages include instead of a copy:
 *
 *     <!-- readme core: Steering -->      the section under that heading, without the heading
 *     <!-- readme koa: program -->        the first program, which the tests run
 *     <!-- readme SECURITY: Reporting --> the same from SECURITY.md
 *     <!-- readme README: Why not -->     the same from the README at the root
 */
const directive = /^<!-- readme (\w+): (.+) -->$/gm

/** The packages from which a page includes parts. */
export function packagesIn(page: string): string[] {
  return [...new Set([...page.matchAll(directive)].map(([, name = '']) => name))]
}

/**
 * Returns the page with the parts in place.
 *
 * @param read returns the README of a package
 * @throws Error if a README has no such part
 */
export function expandReadmes(page: string, read: (packageName: string) => string): string {
  return page.replaceAll(directive, (_, name: string, part: string) => {
    const readme = read(name)
    const text = part === 'program' ? firstProgram(readme, name) : sectionOf(readme, part)
    if (text === null) throw new Error(`the README of ${name} has no "${part}"`)
    return fixLinks(text, name)
  })
}

function firstProgram(readme: string, name: string): string | null {
  const program = /^```js\n[\s\S]*?^```$/m.exec(readme)?.[0]
  return program?.replace('js', `js [${name}]`) ?? null
}

/**
 * The text below the heading that begins with these words, up to the next of the same or a higher
 * level. Headings inside move up as if their own heading were at the top level.
 */
function sectionOf(readme: string, words: string): string | null {
  const lines = readme.split('\n')
  const levels = headingLevels(lines)
  const start = lines.findIndex((line, index) => {
    return levels[index] && line.replace(/^#+ /, '').replaceAll('`', '').startsWith(words)
  })
  const level = levels[start]
  if (level === undefined) return null
  const length = levels.slice(start + 1).findIndex((other) => other && other <= level)
  const end = length === -1 ? lines.length : start + 1 + length
  const shift = level - 1
  return lines
    .slice(start + 1, end)
    .map((line, index) => (levels[start + 1 + index] ? line.slice(shift) : line))
    .join('\n')
    .replace(licence, '')
    .trim()
}

/** The last line of each README. */
const licence = /^MIT( licence\.)?\s*$/m

/** The level of each line that is a heading; a comment in a program is not one. */
function headingLevels(lines: string[]): (number | undefined)[] {
  let inProgram = false
  return lines.map((line) => {
    if (line.startsWith('```')) inProgram = !inProgram
    return inProgram ? undefined : /^(#+) /.exec(line)?.[1]?.length
  })
}

/** Where the site has what the READMEs link to, in themselves or on npm. */
const places: Record<string, string> = {
  '#member': '/api/core#member',
  '#steering': '/guide/steering',
  '#reuse-exec----command': '/guide/cli#reuse-exec-command',
  '#run-and-reload': '/guide/run',
  '#run-and-reload-on-macos-and-windows': '/guide/run#run-and-reload-on-macos-and-windows',
  '#threads': '/guide/run#threads',
  '#balance': '/guide/run#balance',
  '#a-canary': '/guide/run#a-canary',
  'packages/cli#reuse-exec----command': '/guide/cli#reuse-exec-command',
  'benchmarks/reports/README.md': '/reports/',
  '#metrics-and-health': '/guide/run#metrics-and-health',
  '#logs-as-json': '/guide/run#logs-as-json',
  '#when-a-worker-or-the-manager-ends': '/guide/run#when-a-worker-or-the-manager-ends',
  '#reuse-steer-port-policy': '/guide/cli#reuse-steer-port-policy',
  '#only-same-program': '/guide/alone#share-with-the-same-program-only',
  '#when-a-member-closes-dies-or-stalls': '/guide/leaving#when-a-member-closes-dies-or-stalls',
  'all codes': '/errors',
  'every option': '/api/core#reuseoptions',
  '`explain()`': '/guide/who#explain',
  '@reuse/core/register': '/api/core/register',
  'what sharing means on each system': '/platforms',
  'who serves what': '/guide/leaving#when-a-member-closes-dies-or-stalls',
  'https://www.npmjs.com/package/@reuse/cli': '/guide/cli',
  'https://www.npmjs.com/package/@reuse/core': '/guide/',
  'https://www.npmjs.com/package/@reuse/express': '/guide/express',
  'https://www.npmjs.com/package/@reuse/fastify': '/guide/fastify',
  'https://www.npmjs.com/package/@reuse/koa': '/guide/koa',
}

function fixLinks(text: string, packageName: string): string {
  return text.replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, words: string, target: string) => {
    const place = places[words.replaceAll(/\s+/g, ' ')] ?? places[target]
    if (place !== undefined) return `[${words}](${place})`
    if (/^https?:/.test(target)) return link
    if (!/^[\w.]/.test(target)) throw new Error(`"${target}" of ${packageName} has no page here`)
    return `[${words}](${repository}/blob/main/packages/${packageName}/${target})`
  })
}
