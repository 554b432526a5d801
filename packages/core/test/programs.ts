/** The programs that the tests start. */
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { type Fixture, startFixture, startNode } from '@reuse/testkit'
import type { MemberArguments } from './fixtures/member.js'

/** A compiled fixture. */
export function fixtureFile(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url)
}

/** A fixture that is not compiled, in its source folder. */
export function fixtureSource(name: string): URL {
  return new URL(`../../test/fixtures/${name}`, import.meta.url)
}

const [major = 0] = process.versions.node.split('.').map(Number)

/** The option of this Node that turns its permission model on, and the one that then lets it listen. */
export const permissionOptions = {
  permission: major < 22 ? '--experimental-permission' : '--permission',
  network: major < 25 ? [] : ['--allow-net'],
}

type MemberProgram = 'member.js' | 'other-member.js'

/** Starts a program with a server on 127.0.0.1, shared unless said otherwise; does not wait. */
export function startMember(
  t: TestContext,
  member: MemberArguments,
  program: MemberProgram = 'member.js',
): Fixture {
  const argument = JSON.stringify({ host: '127.0.0.1', ...member })
  return startNode(t, fixtureFile(program), { args: [argument] })
}

/**
 * Starts a program that listens when it is told to. What a member leaves behind waits for only some
 * seconds, and a program may take longer to start.
 */
export async function prepareMember(
  t: TestContext,
  member: MemberArguments,
  program: MemberProgram = 'member.js',
): Promise<Fixture> {
  const prepared = startMember(t, { ...member, later: true }, program)
  await prepared.hear('started')
  return prepared
}

/** Tells a program that waits for the command to listen. */
export async function listenNow(program: Fixture): Promise<void> {
  await program.ask<AddressInfo>('listen')
}

/** Starts several programs on one free port, and returns them with the port. */
export async function startGroup(
  t: TestContext,
  size: number,
  member: Partial<MemberArguments> = {},
): Promise<{ port: number; members: Fixture[] }> {
  const first = startMember(t, { port: 0, ...member })
  const { port } = await first.hear<AddressInfo>('ready')
  const others = Array.from({ length: size - 1 }, () => startMember(t, { port, ...member }))
  await Promise.all(others.map((member) => member.hear('ready')))
  return { port, members: [first, ...others] }
}

/** Starts the Python server on a port of 127.0.0.1; does not wait. */
export function startPython(t: TestContext, port: number, ...args: string[]): Fixture {
  return startFixture(t, ['python3', fixtureSource('stranger.py').pathname, String(port), ...args])
}
