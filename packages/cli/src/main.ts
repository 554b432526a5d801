#!/usr/bin/env node
/** The command `reuse`. */
import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes, messageOf } from './failure.js'
import { complain } from './output/print.js'
import { buildProgram } from './program.js'

async function main(): Promise<void> {
  try {
    const program = await buildProgram(process.argv.slice(2))
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed what it had to say, help and version too.
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage
    } else {
      complain(messageOf(error))
      process.exitCode = exitCodeOf(error)
    }
  }
}

// Not awaited: what the commands load imports from the file that has this.
main()
