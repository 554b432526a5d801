import { run } from '../command.js'

/** The mirror that this machine's apt uses; `undefined` where it has none of Debian's. */
export async function aptMirror(): Promise<string | undefined> {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)'
  const { output } = await run(['apt-get', 'indextargets', '--format', format])
  const lines = output.split('\n').map((line) => line.split('|'))
  return lines.find(([origin, label]) => origin === 'Debian' && label === 'Debian')?.[2]
}
