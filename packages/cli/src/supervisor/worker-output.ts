import fs from 'node:fs'
import path from 'node:path'
import { removeFile } from '../state/folder.js'
import { LastLines } from './last-lines.js'
import { OutputFile, tailOf } from './output-file.js'
import type { OutputWatch } from './output-watch.js'

export type OutputStream = 'stdout' | 'stderr'

/** What a worker has printed. */
export interface Output {
  /** Its last lines, of both streams. */
  lastLines(): string[]
  /** Reads what it has written before it ended. */
  close(): void
}

/** The output of a worker that could not be started, or whose files are gone. */
export const noOutput: Output = { lastLines: () => [], close: () => {} }

/** How many lines of a worker are kept for errors. */
const kept = 20

/** The standard output and error of one worker, as files in the state folder. */
export class WorkerOutput implements Output {
  readonly #stdout: OutputFile
  readonly #stderr: OutputFile
  readonly #watch: OutputWatch
  readonly #last = new LastLines<{ text: string }>(kept)

  /**
   * @param isAdopted whether an earlier manager has followed the files so far
   */
  constructor(
    folder: string,
    worker: number,
    isAdopted: boolean,
    watch: OutputWatch,
    onLine: (stream: OutputStream, text: string) => void,
  ) {
    const follow = (stream: OutputStream): OutputFile => {
      const file = outputPath(folder, worker, stream)
      if (isAdopted) for (const text of tailOf(file, kept / 2)) this.#last.add({ text })
      return new OutputFile(file, isAdopted ? 'end' : 'start', (text) => {
        this.#last.add({ text })
        onLine(stream, text)
      })
    }
    this.#stdout = follow('stdout')
    this.#stderr = follow('stderr')
    this.#watch = watch
    for (const file of this.#files()) watch.add(file)
  }

  /** What the worker gets as its descriptors 1 and 2. */
  get descriptors(): [number, number] {
    return [this.#stdout.descriptor, this.#stderr.descriptor]
  }

  lastLines(): string[] {
    return this.#last.get().map(({ text }) => text)
  }

  /** Reads what the worker has written before it ended, and removes the files. */
  close(): void {
    for (const file of this.#files()) {
      this.#watch.remove(file)
      file.close()
      removeFile(file.path)
    }
  }

  #files(): OutputFile[] {
    return [this.#stdout, this.#stderr]
  }
}

function outputPath(folder: string, worker: number, stream: OutputStream): string {
  return path.join(folder, `${worker}.${stream}`)
}

/** Removes the output of workers that are no longer followed. */
export function removeOutputExcept(folder: string, workers: ReadonlySet<number>): void {
  for (const name of fs.readdirSync(folder)) {
    const [, worker] = /^(\d+)\.(?:stdout|stderr)$/.exec(name) ?? []
    if (worker === undefined || workers.has(Number(worker))) continue
    removeFile(path.join(folder, name))
  }
}
