/** A connection to a member, like those of other members, on which a test can say anything. */
import fs from 'node:fs'
import type { TestContext } from 'node:test'
import { isSystemFailure } from '../src/lib/errors.js'
import { native } from '../src/socket/native.js'
import { until } from './listening.js'

export interface RawMember {
  say(text: string, attached?: number): void
  /** The next message, empty at the end; a descriptor that came with it is closed. */
  hear(): Promise<string>
  /** Waits until the member has ended the connection; what the member says before that is ignored. */
  end(): Promise<void>
}

export const openDescriptors = (): number => fs.readdirSync('/proc/self/fd').length

/** Connects to a member by its name. */
export function connectTo(t: TestContext, { name }: { name: string }): RawMember {
  return rawMember(t, native.connectEndpoint(name))
}

/** The member at the other end of a connection. */
export function rawMember(t: TestContext, connection: number): RawMember {
  t.after(() => native.close(connection))
  /** `null` if nothing has come yet. */
  const read = (): string | null => {
    try {
      const received = native.receive(connection)
      if (received === null) return null
      if (received.attached !== null) native.close(received.attached)
      return received.text
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      return '' // It was reset.
    }
  }
  return {
    say: (text, attached) => native.send(connection, text, attached ?? null),
    hear: async () => {
      const [text = ''] = await until(() => {
        const text = read()
        return text === null ? null : [text]
      })
      return text
    },
    end: async () => {
      await until(() => read() === '')
    },
  }
}
