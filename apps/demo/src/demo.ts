import { findFree, requireFree } from './port.js'
import { Program } from './program.js'
import { acceptQueues } from './queues.js'
import { describeSharing } from './sentence.js'
import { stayUp } from './stay-up.js'
import { formatTable } from './table.js'
import { Tally } from './tally.js'
import { sendRequests } from './traffic.js'

const firstRequests = 600

/** The three programs: read them first. */
export const programFiles = ['fastify', 'express', 'koa'].map(
  (name) => new URL(`./programs/${name}.js`, import.meta.url),
)

/**
 * Starts the programs, sends requests, prints who answered; then stays up, or ends at once. No
 * process is left behind.
 *
 * @returns the exit code: 0, or 1 if a program got nothing
 */
export async function demo(
  { port: wanted, once }: { port?: number; once: boolean },
  signal: AbortSignal,
  files: URL[] = programFiles,
): Promise<number> {
  const port = wanted === undefined ? await findFree(3000) : await requireFree(wanted)
  const programs = files.map((file) => new Program(file, port))
  const tally = new Tally(programs.map(({ name }) => name))
  const stopAll = () => Promise.all(programs.map((program) => program.stop()))
  signal.addEventListener('abort', stopAll, { once: true })
  try {
    await Promise.all(programs.map((program) => program.start()))
    console.log(describeSharing(programs.length, port))
    await sendRequests(port, firstRequests, signal, (outcome) => tally.add(outcome))
    if (signal.aborted) return 1
    console.log(await describeAnswers(port, programs, tally))
    if (!once) await stayUp(port, programs, tally, signal)
  } catch (error) {
    // Programs that were still starting end before they are ready.
    if (!signal.aborted) throw error
  } finally {
    await stopAll()
  }
  return tally.idle.length === 0 ? 0 : 1
}

async function describeAnswers(port: number, programs: Program[], tally: Tally): Promise<string> {
  const queues = await acceptQueues(port)
  const rows = programs.map(({ name, pid }) => ({
    program: name,
    pid,
    requests: tally.of(name),
    queue: pid === null ? undefined : queues.get(pid),
  }))
  const failed = tally.failed === 0 ? 'none' : `${tally.failed} (the last: ${tally.lastFailure})`
  const sums = `${tally.answered} requests answered, each on a new connection; failed: ${failed}.`
  const silent = tally.idle.map((name) => `\n${name} got nothing.`).join('')
  return `${formatTable(rows)}\n${sums}${silent}\n`
}
