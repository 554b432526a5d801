import { run } from '../command.js'

/** The Debian mirror that this machine's apt uses; `undefined` if it has none. */
export async function aptMirror(): Promise<string | undefined> {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)'
  const { output } = await run(['apt-get', 'indextargets', '--format', format])
  const lines = output.split('\n').map((line) => line.split('|'))
  return lines.find(([origin, label]) => origin === 'Debian' && label === 'Debian')?.[2]
}
