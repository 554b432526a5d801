/** Two groups with the same clients, side by side: one with the bare option, one with @reuse. */
import { Clients } from './clients.js'
import { type DutyRule, Group } from './group.js'
import type { GroupView } from './view.js'
import { type Action, isPossible } from './worker.js'

export interface SceneView {
  /** The steps so far. */
  readonly time: number
  readonly bare: GroupView
  readonly reuse: GroupView
}

export class Scene {
  readonly #clients = new Clients()
  readonly #bare = new Group(null)
  readonly #reuse: Group
  #time = 0

  constructor(rule: DutyRule) {
    this.#reuse = new Group(rule)
  }

  step(): void {
    this.#time++
    const clients = this.#clients.next()
    this.#bare.step(clients)
    this.#reuse.step(clients)
  }

  /** Does the same in both groups, if it is possible there. */
  act(action: Action, place: number): void {
    this.#bare.act(action, place)
    this.#reuse.act(action, place)
  }

  get view(): SceneView {
    return { time: this.#time, bare: this.#bare.view, reuse: this.#reuse.view }
  }
}

/** Whether something can be done to the workers at a place, in both groups. */
export function isPossibleIn({ bare, reuse }: SceneView, action: Action, place: number): boolean {
  return [bare, reuse].every(({ workers }) => isPossible(action, workers[place]))
}

/** A scene at a moment that shows the difference: a worker has just closed, and connections wait there. */
export function openScene(rule: DutyRule, place: number): Scene {
  const scene = new Scene(rule)
  const isWaiting = (): boolean =>
    [scene.view.bare, scene.view.reuse].every(
      ({ connections }) =>
        connections.filter((one) => one.where === 'queue' && one.place === place).length > 1,
    )
  while (!isWaiting()) scene.step()
  scene.act('restart', place)
  return scene
}
