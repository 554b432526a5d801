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
      // Commander has already printed its message, including help and version.
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage
    } else {
      complain(messageOf(error))
      process.exitCode = exitCodeOf(error)
    }
  }
}

// Not awaited: the modules that the commands load import from the file that contains this call.
main()
