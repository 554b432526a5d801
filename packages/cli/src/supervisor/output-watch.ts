import fs from 'node:fs'
import path from 'node:path'
import type { OutputFile } from './output-file.js'

/** How long lines are gathered before they are read, in milliseconds. */
const delay = 10
/** How often files are read if the system has no watch left, in milliseconds. */
const often = 250
/** How often otherwise: a watch ends with its folder, and may drop events. */
const seldom = 5000

/** Reads the output files of one folder when something is written to them. */
export class OutputWatch {
  readonly #files = new Map<string, OutputFile>()
  readonly #changed = new Set<OutputFile>()
  #watcher: fs.FSWatcher | null = null
  #timer: NodeJS.Timeout | null = null
  #isScheduled = false

  /** Begins to watch a folder. */
  open(folder: string): void {
    this.#watcher = watch(folder, (name) => this.#note(name))
    this.#timer = setInterval(() => this.#noteAll(), this.#watcher === null ? often : seldom)
  }

  add(file: OutputFile): void {
    this.#files.set(path.basename(file.path), file)
    this.#note(path.basename(file.path))
  }

  /** Call this before the file is closed. */
  remove(file: OutputFile): void {
    this.#files.delete(path.basename(file.path))
    this.#changed.delete(file)
  }

  close(): void {
    this.#watcher?.close()
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#files.clear()
    this.#changed.clear()
  }

  #note(name: string): void {
    const file = this.#files.get(name)
    if (file === undefined) return
    this.#changed.add(file)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setTimeout(() => this.#readChanged(), delay)
  }

  #noteAll(): void {
    for (const name of this.#files.keys()) this.#note(name)
  }

  #readChanged(): void {
    this.#isScheduled = false
    for (const file of [...this.#changed]) {
      this.#changed.delete(file)
      if (file.read()) this.#note(path.basename(file.path))
    }
  }
}

/** `null` if the user has no watch left; inotify(7). */
function watch(folder: string, onChange: (name: string) => void): fs.FSWatcher | null {
  try {
    const watcher = fs.watch(folder, (_, name) => name !== null && onChange(name))
    watcher.on('error', () => {})
    return watcher
  } catch {
    return null
  }
}
