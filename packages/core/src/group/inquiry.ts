import { native } from '../socket/native.js'
import { Connection } from './connection.js'
import type { MemberLoad, Message } from './messages.js'

/**
 * Asks a member whether it is awake. Its event loop answers.
 *
 * @param name its whole name
 * @param patience how long the answer may take, in milliseconds
 * @returns `'silent'` where it has not answered: its event loop is blocked, or it is stopped; `'busy'` where
 * it could not be asked, which says nothing about it; `'gone'` where no process of this user has the name
 */
export async function probeMember(
  name: string,
  patience: number,
): Promise<'awake' | 'silent' | 'busy' | 'gone'> {
  const answer = await ask(name, { type: 'about' }, patience)
  return typeof answer === 'string' ? answer : 'awake'
}

/**
 * Asks a member what it does.
 *
 * @param name its whole name
 * @param patience how long the answer may take, in milliseconds
 * @returns `'silent'` where it has not answered: its event loop is blocked, or it is stopped; `'busy'` where
 * it could not be asked, which says nothing about it; `'gone'` where no process of this user has the name, or
 * the member does not tell: it is of an older version, or a program under `reuse exec`
 */
export async function measureMember(
  name: string,
  patience: number,
): Promise<MemberLoad | 'silent' | 'busy' | 'gone'> {
  const answer = await ask(name, { type: 'measure' }, patience)
  if (typeof answer === 'string') return answer
  if (answer.type !== 'measured') return 'gone'
  return { accepted: answer.accepted, delay: answer.delay }
}

/**
 * Asks a member something, without being a member.
 *
 * @param patience how long the answer may take, in milliseconds
 * @returns the answer; `'gone'` where no process of this user has the name, or the member does not know
 * the question; `'silent'` where the member has not answered; `'busy'` where it could not be asked, because
 * too many connections wait there, which any user can make, or this process has no descriptor left
 */
export async function ask(
  name: string,
  question: Message,
  patience: number,
): Promise<Message | 'gone' | 'silent' | 'busy'> {
  const connection = Connection.to(name)
  if (connection === 'nobody') return 'gone'
  if (connection === 'busy') return 'busy'
  return new Promise((resolve) => {
    const end = (answer: Message | 'gone' | 'silent'): void => {
      clearTimeout(timer)
      connection.close()
      resolve(answer)
    }
    const timer = setTimeout(() => {
      // If this event loop was blocked meanwhile, the answer may have come, and not been read yet.
      connection.hearNow()
      end('silent')
    }, patience)
    connection.listen({
      onMessage: (message, attached) => {
        if (attached !== null) native.close(attached)
        end(message)
      },
      onHangUp: () => end('gone'),
    })
    connection.send(question)
  })
}
