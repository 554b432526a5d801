/**
 * A group of listeners on one port, for a drawing: what the kernel keeps, and the workers that accept
 * from it. It advances in steps of a millisecond.
 */
import type { dutyFor } from '../../../../packages/core/dist/src/group/duties.js'
import type { Client } from './clients.js'
import type { ConnectionView, GroupView } from './view.js'
import { type Action, type Connection, isMember, isPossible, type Worker } from './worker.js'

/** How members decide who serves what: core's own function; only its type is imported here. */
export type DutyRule = typeof dutyFor

/** A listener; it stays at the place of the worker that opened it. The next worker there takes it over. */
interface Listener {
  readonly inode: number
  readonly place: number
  /** Its member; `null` for an orphan. */
  owner: Worker | null
  readonly handshakes: Connection[]
  readonly queue: Connection[]
}

/** A connection that has ended, and where and when. */
interface Ended {
  readonly view: ConnectionView
  readonly time: number
}

const size = 3

/** In steps, like all times. Real programs have other times; `patience` is core's own. */
const times = {
  handshake: 5,
  answer: 3,
  stall: 40,
  start: 25,
  /** How long a connection that has ended is shown. */
  answered: 2,
  lost: 14,
}

export class Group {
  readonly #rule: DutyRule | null
  readonly #workers: Worker[] = []
  /** In the order by which the kernel chooses. */
  readonly #listeners: Listener[] = []
  #time = 0
  #sockets = 0
  #ended: Ended[] = []
  #answered = 0
  #lost = 0

  /** @param rule `null` for members that hold no duplicates of each other: the bare option */
  constructor(rule: DutyRule | null) {
    this.#rule = rule
    for (let place = 0; place < size; place++) {
      const fresh = { id: '', until: 0, accepted: [], busyUntil: 0 }
      const worker: Worker = { place, state: 'gone', ...fresh }
      this.#workers.push(worker)
      this.#start(worker)
    }
  }

  /** Advances by a millisecond, at the beginning of which some clients connect. */
  step(clients: readonly Client[]): void {
    this.#time++
    this.#ended = this.#ended.filter(({ view, time }) => {
      return this.#time - time < times[view.end ?? 'lost']
    })
    for (const worker of this.#workers) this.#goOn(worker)
    for (const listener of this.#listeners) this.#completeHandshakes(listener)
    for (const client of clients) this.#connect(client)
    for (const worker of this.#workers) this.#work(worker)
  }

  /** Does something to a worker, unless its state forbids it. */
  act(action: Action, place: number): void {
    const worker = this.#workers[place]
    if (worker === undefined || !isPossible(action, worker.state)) return
    if (action === 'stall') {
      worker.state = 'stalled'
      worker.until = this.#time + times.stall
    } else if (action === 'restart') {
      worker.state = 'leaving'
      this.#leaveListener(worker)
      this.#endIfDone(worker)
    } else {
      this.#end(worker)
      this.#leaveListener(worker)
    }
  }

  get view(): GroupView {
    return {
      workers: this.#workers.map(({ state }) => state),
      listeners: this.#listeners.map((listener) => ({
        place: listener.place,
        isOrphan: listener.owner === null,
        server: (listener.owner ?? this.#adopterOf(listener))?.place ?? null,
      })),
      connections: [
        ...this.#listeners.flatMap((listener) => this.#viewQueue(listener)),
        ...this.#workers.flatMap((worker) => viewAccepted(worker)),
        ...this.#ended.map(({ view }) => view),
      ],
      answered: this.#answered,
      waiting: this.#listeners.reduce((sum, { queue }) => sum + queue.length, 0),
      lost: this.#lost,
    }
  }

  get #members(): Worker[] {
    return this.#workers.filter(isMember)
  }

  #goOn(worker: Worker): void {
    if (this.#time < worker.until) return
    if (worker.state === 'stalled') worker.state = 'serving'
    else if (worker.state === 'gone') this.#start(worker)
  }

  /** A new process takes over the orphan that is at its place, or opens a listener. */
  #start(worker: Worker): void {
    worker.id = `${++this.#sockets}`
    worker.state = 'serving'
    const orphan = this.#listeners.find(({ place }) => place === worker.place)
    if (orphan !== undefined) {
      orphan.owner = worker
      return
    }
    const { place } = worker
    const inode = this.#sockets
    this.#listeners.push({ inode, place, owner: worker, handshakes: [], queue: [] })
  }

  /** Ends a worker's process, and with it what it has accepted. */
  #end(worker: Worker): void {
    worker.state = 'gone'
    worker.until = this.#time + times.start
    this.#lose(viewAccepted(worker))
    worker.accepted.length = 0
  }

  #endIfDone(worker: Worker): void {
    if (worker.state === 'leaving' && worker.accepted.length === 0) this.#end(worker)
  }

  /** A listener without a member lives as long as another member holds a duplicate of it. */
  #leaveListener(worker: Worker): void {
    for (const listener of this.#listeners) if (listener.owner === worker) listener.owner = null
    if (this.#rule !== null && this.#members.length > 0) return
    for (const listener of this.#listeners.filter(({ owner }) => owner === null))
      this.#close(listener)
  }

  /** As in the kernel, the last listener gets the index of the one that closes. */
  #close(listener: Listener): void {
    const index = this.#listeners.indexOf(listener)
    const last = this.#listeners.pop()
    if (last !== undefined && last !== listener) this.#listeners[index] = last
    this.#lose(this.#viewQueue(listener))
  }

  #connect({ id, hash }: Client): void {
    const listener = this.#listeners[Math.floor(hash * this.#listeners.length)]
    if (listener !== undefined) listener.handshakes.push({ id, since: this.#time })
    // Nobody listens: the connection is refused.
    else this.#lose([{ id, where: 'handshake', place: 1, position: 0, end: null }])
  }

  #completeHandshakes({ handshakes, queue }: Listener): void {
    while (handshakes[0] !== undefined && this.#time - handshakes[0].since >= times.handshake) {
      const { id } = handshakes[0]
      handshakes.shift()
      queue.push({ id, since: this.#time })
    }
  }

  #work(worker: Worker): void {
    if (worker.state !== 'serving' && worker.state !== 'leaving') return
    if (worker.accepted.length > 0 && this.#time >= worker.busyUntil) this.#answer(worker)
    this.#endIfDone(worker)
    if (worker.state === 'serving' && worker.accepted.length === 0) this.#accept(worker)
  }

  #answer(worker: Worker): void {
    const [first] = viewAccepted(worker)
    worker.accepted.shift()
    worker.busyUntil = this.#time + times.answer
    if (first === undefined) return
    this.#answered++
    this.#ended.push({ view: { ...first, end: 'answered' }, time: this.#time })
  }

  /** An idle worker looks into its own queue first, and then where a connection has waited longest. */
  #accept(worker: Worker): void {
    const others = this.#listeners.filter(({ owner }) => owner !== worker)
    others.sort((one, other) => this.#waited(other) - this.#waited(one))
    const own = this.#listeners.filter(({ owner }) => owner === worker)
    for (const listener of [...own, ...others]) {
      const taken = listener.queue.splice(0, this.#shareOf(worker, listener))
      if (taken.length === 0) continue
      worker.accepted.push(...taken)
      worker.busyUntil = this.#time + times.answer
      return
    }
  }

  /** How many connections a worker takes from a queue now. */
  #shareOf(worker: Worker, listener: Listener): number {
    const { length } = listener.queue
    if (listener.owner === worker) return length
    const duty = this.#dutyOf(worker, listener)
    if (duty.kind === 'held') return 0
    if (duty.kind === 'adopted') return length
    if (this.#waited(listener) < duty.patience) return 0
    return duty.kind === 'rescued' ? Math.ceil(length * duty.share) : length
  }

  #dutyOf(worker: Worker, { inode, owner }: Listener): ReturnType<DutyRule> {
    if (this.#rule === null) return { kind: 'held' }
    const others = this.#members.filter((member) => member !== worker)
    return this.#rule({
      inode,
      owner: owner === null ? undefined : serverOf(owner),
      servers: [worker, ...others].map(serverOf),
      isAbsent: false,
      rescue: true,
      policy: 'hash',
      protocol: 'tcp',
    })
  }

  #adopterOf(listener: Listener): Worker | undefined {
    return this.#members.find((member) => this.#dutyOf(member, listener).kind === 'adopted')
  }

  /** How long the first connection in a queue has waited. */
  #waited({ queue }: Listener): number {
    return queue[0] === undefined ? 0 : this.#time - queue[0].since
  }

  #lose(connections: readonly ConnectionView[]): void {
    this.#lost += connections.length
    for (const view of connections)
      this.#ended.push({ view: { ...view, end: 'lost' }, time: this.#time })
  }

  #viewQueue({ place, handshakes, queue }: Listener): ConnectionView[] {
    const under = { place, end: null }
    return [
      ...queue.map(({ id }, position) => ({ ...under, id, where: 'queue' as const, position })),
      ...handshakes.map(({ id, since }) => {
        return { ...under, id, where: 'handshake' as const, position: this.#time - since }
      }),
    ]
  }
}

function viewAccepted({ place, accepted }: Worker): ConnectionView[] {
  return accepted.map(({ id }, position) => ({ id, where: 'worker', place, position, end: null }))
}

function serverOf({ id }: Worker) {
  return { id, weight: 1 }
}
