import type { CrashInfo, Supervisor, WorkerInfo } from '@reuse/cli'
import { inThreads } from '../output/names.js'
import type { Level, RunLog } from './log.js'

/** Says what happens to an app and its workers, and what the workers print. */
export function reportEvents(supervisor: Supervisor, log: RunLog): void {
  const { name } = supervisor
  const report = (text: string, level: Level = 'info'): void => log.say(text, { app: name, level })
  const reportOn = ({ worker }: WorkerInfo, text: string, level: Level = 'info'): void => {
    log.say(text, { app: name, worker, level })
  }
  const { program, instances, threads, pid } = supervisor.status()
  const what = threads === null ? `${instances} × ${program}` : inThreads(program, threads)
  report(`app ${name}: ${what} (manager: pid ${pid})`)
  supervisor.on('line', (line) => log.line(name, line))
  supervisor.on('adopted', (worker) => {
    reportOn(worker, `${who(worker)} has been taken over by this manager`)
  })
  supervisor.on('ready', (worker) => reportOn(worker, `${who(worker)} is ready`))
  supervisor.on('crashed', (crash) => reportOn(crash, describeCrash(crash), 'warn'))
  supervisor.on('crash-loop', (crash) => {
    const { worker, crashes } = crash
    const text = `worker ${worker} has ended ${crashes} times in a row: it is restarted less and less often`
    reportOn(crash, text, 'error')
  })
  supervisor.on('too-large', ({ memory, ...worker }) => {
    const text = `${who(worker)} uses ${Math.round(memory / 2 ** 20)} MiB, more than --max-memory: it is replaced`
    reportOn(worker, text, 'warn')
  })
  supervisor.on('reloaded', ({ length }) => report(`reloaded: ${length} workers replaced`))
  supervisor.on('reload-failed', ({ message }) => report(message, 'error'))
  supervisor.on('state-lost', ({ message }) => {
    const text = `if this manager is killed, the next one will not find the workers: ${message}`
    report(text, 'error')
  })
  supervisor.on('released', () => report(`app ${name} has been handed over to another manager`))
  supervisor.on('stopped', () => report(`app ${name} has stopped`))
}

function who({ worker, pid }: WorkerInfo): string {
  const name = worker === 0 ? 'the canary' : `worker ${worker}`
  return pid === null ? name : `${name} (pid ${pid})`
}

function describeCrash(crash: CrashInfo): string {
  return `${who(crash)} ended unexpectedly: ${crash.reason}; the next one starts in ${crash.delay / 1000} s`
}
