import { styleText } from 'node:util'
import { Command } from 'commander'
import { exitCodes } from './failure.js'
import { standard } from './output/print.js'
import { verbs } from './verbs.js'
import { packageVersion } from './version.js'

/**
 * The program, with the one command that the command line names. If it names none, with all commands, but
 * only with their names and summaries.
 *
 * @param words the arguments on the command line
 */
export async function buildProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('reuse')
    .description(
      'See who shares a port, why a bind fails, and change it. Run apps whose workers share a port.',
    )
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // Everything after the name of a command belongs to that command.
    .enablePositionalOptions()
    .showHelpAfterError("Type 'reuse --help' to see the usage.")
    .configureHelp({ styleTitle: (title) => styleText('bold', title) })
    .configureOutput({
      writeOut: (text) => standard('stdout').write(text),
      writeErr: (text) => standard('stderr').write(text),
      outputError: (text, write) => write(withAdvice(text.replace(/^error: /, 'reuse: '))),
    })
    .exitOverride()
    .addHelpText('after', epilogue)
  const named = nameIn(words)
  for (const [name, { summary, load }] of verbs) {
    if (named !== null && name !== named) continue
    const command = new Command(name).summary(summary)
    if (name === named) (await load())(command)
    command
      .copyInheritedSettings(program)
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`Type 'reuse ${name} --help' to see the usage.`)
    program.addCommand(command)
  }
  return program
}

/** The command that Commander will find: it looks at the first word, and knows `help <command>`. */
function nameIn(words: readonly string[]): string | null {
  const [first, second] = words[0] === '--' ? words.slice(1) : words
  const name = first === 'help' ? second : first
  return name !== undefined && verbs.has(name) ? name : null
}

/** The names that other process managers have for commands that are called something else here. */
const elsewhere: Readonly<Record<string, string>> = {
  ...{ start: 'run', restart: 'reload', delete: 'stop', kill: 'stop' },
  ...{ list: 'status', describe: 'status', monit: 'top' },
}

function withAdvice(text: string): string {
  const [, name = ''] = /unknown command '([a-z]+)'/.exec(text) ?? []
  const own = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined
  if (own === undefined) return text
  return `reuse: there is no command '${name}'; use 'reuse ${own}' instead\n`
}

const epilogue = `
Type 'reuse <command> --help' to see the usage and examples of a command.

Exit codes:
  ${exitCodes.done}  done
  ${exitCodes.failed}  failed, or nothing matches what the command was given
  ${exitCodes.wrongUsage}  wrong usage
  ${exitCodes.unsupported}  this system, or this installation, cannot do it`
