/** The API pages, generated from the types and their comments. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  Application,
  type Context,
  Converter,
  OptionDefaults,
  type Reflection,
  ReflectionKind,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { mendComment } from './comment.js'
import { apiFolder, siteFolder, workspaceFolder } from './places.js'

/** The file behind each name that is imported. */
const modules: Record<string, string> = {
  '@reuse/cli': 'packages/cli/src/supervise.ts',
  '@reuse/core': 'packages/core/src/index.ts',
  '@reuse/core/group': 'packages/core/src/group.ts',
  '@reuse/core/register': 'packages/core/src/register.ts',
  '@reuse/express': 'packages/express/src/index.ts',
  '@reuse/fastify': 'packages/fastify/src/index.ts',
  '@reuse/koa': 'packages/koa/src/index.ts',
}

/** The text above the types of a module; a module without exports has nothing else. */
const introductions: Record<string, string> = {
  '@reuse/cli':
    '[Run and reload](/guide/run#from-a-program) shows `supervise()` in a program. [Config file](/guide/config) tells what `defineConfig()` takes.',
  '@reuse/core':
    '[Getting started](/guide/) shows `setReuse()` in a program, and [Errors](/errors) what each code means.',
  '@reuse/core/group':
    'For commands and scripts that are not members themselves, on Linux. [The command `reuse`](/guide/cli) is made with it.',
  '@reuse/core/register':
    '```sh\nnode --import @reuse/core/register app.js\n```\n\n<!-- readme core: node --import @reuse/core/register -->',
  '@reuse/express':
    '[Express](/guide/express) shows `reuse()` in a program. What is exported here comes from `@reuse/core`.',
  '@reuse/fastify': '[Fastify](/guide/fastify) shows the plugin in a program.',
  '@reuse/koa':
    '[Koa](/guide/koa) shows `reuse()` in a program. What is exported here comes from `@reuse/core`.',
}

const packages = Object.keys(modules).filter((name) => !name.endsWith('/register'))

const markdown: Partial<PluginOptions> = {
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  useHTMLAnchors: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  // The origin of a property would be a separate column, wider than the property's description.
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true },
}

/** Writes the pages. @throws Error if a type or a comment is not as it should be */
export async function writeApi(): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.values(modules).map((file) => path.join(workspaceFolder, file)),
    tsconfig: path.join(siteFolder, 'tsconfig.api.json'),
    outputs: [{ name: 'markdown', path: apiFolder }],
    blockTags: [...OptionDefaults.blockTags, '@reuse'],
    name: 'API',
    readme: 'none',
    disableSources: true,
    disableGit: true,
    githubPages: false,
    router: 'module',
    sort: ['alphabetical'],
    groupOrder: ['Functions', 'Variables', 'Interfaces', 'Type Aliases', 'Classes', '*'],
    excludeExternals: true,
    excludeInternal: true,
    validation: { invalidLink: true, notExported: false, notDocumented: true },
    treatValidationWarningsAsErrors: true,
    packagesRequiringDocumentation: packages,
    // A property's name and type may say it all; a constant may have the comment of its function.
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'Method', 'TypeAlias'],
    logLevel: 'Warn',
    ...markdown,
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, nameModules)
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, mendReflection)
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, mendReflection)

  const project = await app.convert()
  if (project === undefined) throw new Error('typedoc could not read the types; see above')
  app.validate(project)
  await rm(apiFolder, { recursive: true, force: true })
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('typedoc found errors; see above')
  for (const [name, text] of Object.entries(introductions)) await introduce(name, text)
}

/** Puts a text below the title of a module's page. */
async function introduce(name: string, text: string): Promise<void> {
  const page = path.join(apiFolder, `${name.replace('@reuse/', '')}.md`)
  const [title, ...rest] = (await readFile(page, 'utf8')).split('\n')
  await writeFile(page, [title, '', text, ...rest].join('\n'))
}

/** Names the modules as they are imported, not by their paths. */
function nameModules({ project }: Context): void {
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Module)) {
    const file = project.getSymbolIdFromReflection(reflection)?.fileName ?? ''
    const name = Object.keys(modules).find((key) => file.endsWith(modules[key] ?? ''))
    if (name === undefined) throw new Error(`no name is for ${file}`)
    reflection.name = name
  }
}

function mendReflection(_: Context, reflection: Reflection): void {
  if (reflection.comment !== undefined) mendComment(reflection.comment)
}
