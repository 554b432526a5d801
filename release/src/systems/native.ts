import { installNode } from '@reuse/testkit'
import { nodeLines } from '../node-lines.js'
import type { Host } from './host.js'

/** This machine's own Nodes, with the binary that is made for them. */
export async function nativeHosts(): Promise<Host[]> {
  return Promise.all(
    nodeLines.map(async (node) => ({
      target: 'linux-x64-glibc',
      node,
      through: '',
      command: [await installNode(node)] as const,
      env: {},
      lacks: {},
      leaveOut: {},
    })),
  )
}
