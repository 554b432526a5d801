import fs from 'node:fs'

/** Longer than the first line of any script that is meant to be started. */
const length = 512

/** Whether Node runs a file whose name does not say so: text whose first line names no other interpreter. */
export function isNodeScript(file: string): boolean {
  const start = readStart(file)
  if (start.includes(0)) return false
  const [line = ''] = start.toString('latin1').split('\n')
  return !line.startsWith('#!') || /\bnode\b/.test(line)
}

function readStart(file: string): Buffer {
  const descriptor = fs.openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, fs.readSync(descriptor, buffer, 0, length, 0))
  } finally {
    fs.closeSync(descriptor)
  }
}
