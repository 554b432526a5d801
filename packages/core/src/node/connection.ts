import type net from 'node:net'
import { giveSocketTo } from './handle.js'

/** Puts a bound socket into a connection that has begun to connect, and has no socket yet. */
export function giveConnectionSocket(connection: net.Socket, socket: number): void {
  giveSocketTo('_handle' in connection ? connection._handle : undefined, socket)
}
