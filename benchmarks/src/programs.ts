import { Program } from './program.js'

/** Programs that share a port, each in its own process, with no parent that manages them. */
export class Programs implements AsyncDisposable {
  readonly port: number
  readonly #commandFor: (port: number) => string[]
  readonly #running: Set<Program>

  private constructor(port: number, commandFor: (port: number) => string[], running: Set<Program>) {
    this.port = port
    this.#commandFor = commandFor
    this.#running = running
  }

  /**
   * Resolves when all of them have said `ready`, with their port. If one fails, none is left running.
   *
   * @param commandFor returns the command of a program that listens on this port; 0 is any
   */
  static async start(count: number, commandFor: (port: number) => string[]): Promise<Programs> {
    const running = new Set<Program>()
    try {
      const port = await begin(commandFor(0), running)
      const programs = new Programs(port, commandFor, running)
      await programs.add(count - 1)
      return programs
    } catch (error) {
      await end(running)
      throw error
    }
  }

  get all(): Program[] {
    return [...this.#running]
  }

  /** Starts more of them; resolves when they serve. */
  async add(count: number): Promise<void> {
    const starts = Array.from({ length: count }, () =>
      begin(this.#commandFor(this.port), this.#running),
    )
    await Promise.all(starts)
  }

  /** Forgets a program that has ended. */
  delete(program: Program): void {
    this.#running.delete(program)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#running)
  }
}

async function begin(command: readonly string[], running: Set<Program>): Promise<number> {
  const program = new Program(command)
  running.add(program)
  return program.hear<number>('ready')
}

async function end(running: ReadonlySet<Program>): Promise<void> {
  await Promise.all([...running].map((program) => program[Symbol.asyncDispose]()))
}
