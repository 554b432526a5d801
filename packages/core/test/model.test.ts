/**
 * Random sequences of joins, leaves, kills, stops and new policies, against a model of who may serve.
 *
 * `TEST_SEED` is the first sequence's seed, or `random`, and the next ones have the next numbers:
 * each test is named after its seed. `TEST_SEQUENCES` says how many there are. To see one that has
 * failed again:
 *
 *     TEST_SEED=4711 TEST_SEQUENCES=1 node --test packages/core/dist/test/model.test.js
 *
 * The long run, of an hour at most, is the workflow `nightly` (`npm test` ends a file after three
 * minutes):
 *
 *     TEST_SEED=random TEST_SEQUENCES=500 node --test packages/core/dist/test/model.test.js
 */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Fixture, needs, patience, startNode } from '@reuse/testkit'
import { seedOfRun } from '@reuse/testkit/fuzz'
import { peers, type SteeringPolicy } from '../src/index.js'
import { generator, until } from './listening.js'
import { fixtureFile } from './programs.js'
import { ask, assertHealthy, kill, pause, wake } from './waiting.js'

const seed = seedOfRun()
const sequences = Number(process.env.TEST_SEQUENCES ?? 24)

/** After this many failures the rest is not run. */
const mostFailures = 10

const sizes = { least: 2, most: 8 }

/** How many connections are made to see who answers. */
const probes = 12

/**
 * The programs that are members of one group after another: starting one takes longer than most steps.
 * Those that are killed are replaced.
 */
class Programs {
  readonly #t: TestContext
  readonly #idle: Fixture[] = []

  constructor(t: TestContext) {
    this.#t = t
  }

  /** A program that is no member. */
  async take(): Promise<Fixture> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    const program = startNode(this.#t, fixtureFile('model-member.js'))
    await program.hear('started')
    return program
  }

  /** Makes a program leave its group. */
  async giveBack(program: Fixture): Promise<void> {
    await program.ask('close')
    assertHealthy([program])
    this.#idle.push(program)
  }
}

/** A member as the model knows it. */
interface Modelled {
  program: Fixture
  weight: number
  isStopped: boolean
}

/** A group, and the model of it. */
class Model {
  readonly #programs: Programs
  readonly #random: () => number
  readonly #members: Modelled[] = []
  /** What was done, for the report of a failure. */
  readonly steps: string[] = []
  #port = 0
  #asked = 0

  constructor(programs: Programs, random: () => number) {
    this.#programs = programs
    this.#random = random
  }

  /** The members that answer new connections: a standby only if all others are gone. */
  #servers(members: readonly Modelled[] = this.#members): Modelled[] {
    const areStandbys = members.every(({ weight }) => weight === 0)
    return members.filter(({ weight, isStopped }) => !isStopped && (areStandbys || weight > 0))
  }

  get #running(): Modelled[] {
    return this.#members.filter(({ isStopped }) => !isStopped)
  }

  /** The members any one of which can change in this way while somebody still serves. */
  #dispensable(change: (member: Modelled) => Modelled[]): Modelled[] {
    return this.#members.filter((member) => {
      const rest = this.#members.filter((other) => other !== member)
      return this.#servers([...rest, ...change(member)]).length > 0
    })
  }

  /** Waits until all running members hold the listeners of these members. */
  async #untilHeld(members: readonly Modelled[]): Promise<void> {
    const pids = this.#running.map(({ program }) => program.pid)
    const owners = members.map(({ program }) => program.pid)
    await until(async () => {
      const group = (await peers({ port: this.#port })).filter(({ pid }) =>
        owners.includes(pid ?? 0),
      )
      return group.every(({ pid, holders }) =>
        pids.every((one) => one === pid || holders.includes(one)),
      )
    })
  }

  async step(): Promise<void> {
    const victims = this.#dispensable(() => [])
    const leavers = victims.filter(({ isStopped }) => !isStopped)
    const stopped = this.#members.filter(({ isStopped }) => isStopped)
    const running = this.#dispensable((member) => [{ ...member, isStopped: true }]).filter(
      ({ isStopped }) => !isStopped,
    )
    const size = this.#members.length
    const possible: (() => Promise<void>)[] = []
    const add = (weight: number, step: () => Promise<void>): void => {
      for (let i = 0; i < weight; i++) possible.push(step)
    }
    if (size < sizes.most) add(3, () => this.join())
    if (size > sizes.least && leavers.length > 0) add(2, () => this.#leave(this.#pick(leavers)))
    if (size > sizes.least && victims.length > 0) add(2, () => this.#kill(this.#pick(victims)))
    if (size > sizes.least + 1 && victims.length > 1) add(1, () => this.#killTwo())
    if (running.length > 0) add(2, () => this.#stop(this.#pick(running)))
    if (stopped.length > 0) add(2, () => this.#continue(this.#pick(stopped)))
    add(1, () => this.#steer())
    await this.#pick(possible)()
    await this.check()
  }

  async join(): Promise<void> {
    const weight = this.#pick([1, 1, 1, 1, 2, 0])
    const steering = this.#pick([undefined, undefined, undefined, 'hash', 'random'] as const)
    const reuse = { weight, ...(steering && { steering }) }
    this.#note('join', weight, steering ?? '')
    const program = await this.#programs.take()
    this.#port = (await program.ask<AddressInfo>('join', { port: this.#port, reuse })).port
    this.#members.push({ program, weight, isStopped: false })
  }

  /** Connections are being made while the member closes. */
  async #leave(member: Modelled): Promise<void> {
    this.#note('leave', member.program.pid)
    const waiting = this.#ask(probes)
    await this.#programs.giveBack(member.program)
    this.#forget(member)
    // While the group gets another filter, connections may reach a standby, which serves them.
    await this.#assertAnswered(waiting, [...this.#running, member])
  }

  /** What a member has accepted dies with it: so it is stopped first, and what comes then waits for it. */
  async #kill(...victims: Modelled[]): Promise<void> {
    this.#note('kill', ...victims.map(({ program }) => program.pid))
    await this.#untilHeld(victims)
    await pause(...victims.map(({ program }) => program))
    const waiting = this.#ask(probes)
    await kill(...victims.map(({ program }) => program))
    for (const victim of victims) {
      assert.equal(victim.program.output, '')
      this.#forget(victim)
    }
    await this.#assertAnswered(waiting, this.#members)
  }

  async #killTwo(): Promise<void> {
    const one = this.#pick(this.#dispensable(() => []))
    const rest = this.#members.filter((member) => member !== one)
    const others = rest.filter(
      (member) => this.#servers(rest.filter((other) => other !== member)).length > 0,
    )
    if (others.length > 0) await this.#kill(one, this.#pick(others))
  }

  async #stop(member: Modelled): Promise<void> {
    this.#note('stop', member.program.pid)
    await this.#untilHeld([member])
    await pause(member.program)
    member.isStopped = true
  }

  async #continue(member: Modelled): Promise<void> {
    this.#note('continue', member.program.pid)
    const waiting = this.#ask(probes)
    wake(member.program)
    member.isStopped = false
    await this.#assertAnswered(waiting, this.#members)
  }

  async #steer(): Promise<void> {
    const policy: SteeringPolicy = this.#pick(['hash', 'random', 'source-address'])
    this.#note('steer', policy)
    await this.#pick(this.#servers()).program.ask('steer', policy)
  }

  /** Every new connection is answered; in the end, twice in a row, only by members that may serve. */
  async check(): Promise<void> {
    const servers = this.#servers()
    const pids = new Set(servers.map(({ program }) => String(program.pid)))
    const isByServers = async (): Promise<boolean> => {
      const answers = await this.#answers(this.#ask(probes))
      this.#assertFromMembers(answers, this.#running)
      return answers.every((answer) => pids.has(answer))
    }
    await until(async () => (await isByServers()) && (await isByServers()))
    assertHealthy(this.#members.map(({ program }) => program))
  }

  /** All members resume, and each is alive; then they leave. */
  async end(): Promise<void> {
    for (const member of this.#members.filter(({ isStopped }) => isStopped)) {
      await this.#continue(member)
    }
    await this.check()
    for (const { program } of this.#members) await program.ask('alive')
    for (const { program } of this.#members) await this.#programs.giveBack(program)
  }

  /** After a failure, no member is used in another group. */
  async abandon(): Promise<void> {
    await kill(...this.#members.map(({ program }) => program))
  }

  // Clients with many addresses, so that 'source-address' has something to choose from.
  #ask(count: number): Promise<string>[] {
    return Array.from({ length: count }, () => {
      const number = this.#asked++
      return ask(this.#port, `127.0.${number % 11}.${2 + (number % 200)}`)
    })
  }

  async #answers(waiting: Promise<string>[]): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('connections are not answered')), patience)
    })
    try {
      return await Promise.race([Promise.all(waiting), late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #assertAnswered(waiting: Promise<string>[], by: readonly Modelled[]): Promise<void> {
    this.#assertFromMembers(await this.#answers(waiting), by)
  }

  #assertFromMembers(answers: readonly string[], members: readonly Modelled[]): void {
    const pids = new Set(members.map(({ program }) => String(program.pid)))
    const others = answers.filter((answer) => !pids.has(answer))
    if (others.length === 0) return
    // If a member has died, that says more.
    assertHealthy(this.#members.map(({ program }) => program))
    assert.deepEqual(others, [])
  }

  #forget(member: Modelled): void {
    this.#members.splice(this.#members.indexOf(member), 1)
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }

  #note(...words: (string | number)[]): void {
    const group = this.#members.map(
      ({ program, weight, isStopped }) => `${program.pid}:${weight}${isStopped ? ' stopped' : ''}`,
    )
    this.steps.push(`${words.join(' ')} [${group.join(', ')}]`)
  }
}

async function runSequence(programs: Programs, number: number): Promise<void> {
  const random = generator(number)
  // Neighbouring seeds have first numbers that are close to each other.
  for (let i = 0; i < 10; i++) random()
  const model = new Model(programs, random)
  try {
    const size = sizes.least + Math.floor(random() * 3)
    for (let i = 0; i < size; i++) await model.join()
    await model.check()
    const steps = 4 + Math.floor(random() * 5)
    for (let i = 0; i < steps; i++) await model.step()
    await model.end()
  } catch (error) {
    await model.abandon()
    const steps = model.steps.join('\n')
    throw new Error(`TEST_SEED=${number} TEST_SEQUENCES=1:\n${steps}\n${String(error)}`, {
      cause: error,
    })
  }
}

test('random sequences of changes match the model', needs('holders', 'steering'), async (t) => {
  const programs = new Programs(t)
  let failures = 0
  for (let number = seed; number < seed + sequences; number++) {
    await t.test(`TEST_SEED=${number}`, async (t) => {
      if (failures === mostFailures) return t.skip(`${failures} sequences have failed already`)
      failures++
      await runSequence(programs, number)
      failures--
    })
  }
})
