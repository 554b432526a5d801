import { type Browser, chromium } from 'playwright-core'
import { findProgram, isExecutable } from './find-program.js'

/** The browser that CHROMIUM_PATH or PATH names; `null` where there is none. */
export function findChromium(): string | null {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH && isExecutable(CHROMIUM_PATH)) return CHROMIUM_PATH
  const found = ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram)
  return found.find((file) => file !== undefined) ?? null
}

/** Starts the browser, quiet and without its sandbox, which root may not have. */
export function startChromium(executablePath: string): Promise<Browser> {
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] })
}
