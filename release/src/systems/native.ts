import { installNode } from '@reuse/testkit'
import { nodeLines } from '../node-lines.js'
import { essential } from './essential.js'
import type { Host } from './host.js'

/** The line of Node that runs more than the others; `npm test` runs all, with its own binary. */
const most = '24'

/** The files that cover most of the calls that members make. */
const more = [
  'channel.test.js',
  'datagram-holders.test.js',
  'holders.test.js',
  'leave.test.js',
  'retire.test.js',
  'steering.test.js',
]

/** This machine's own Nodes, with the binary that is built for them. */
export async function nativeHosts(): Promise<Host[]> {
  return Promise.all(
    nodeLines.map(async (node) => ({
      target: 'linux-x64-glibc',
      node,
      through: '',
      command: [await installNode(node)] as const,
      env: {},
      lacks: {},
      only: node === most ? [...essential, ...more] : essential,
      leaveOut: {},
    })),
  )
}
