/** The drawing of "how it works" does what its text says, with the rule that members use. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { workspaceFolder } from '../src/places.js'
import { Clients } from '../src/scene/clients.js'
import type { DutyRule } from '../src/scene/group.js'
import { isPossibleIn, openScene, Scene } from '../src/scene/scene.js'
import type { ConnectionView, GroupView } from '../src/scene/view.js'
import type { Action } from '../src/scene/worker.js'

const duties = path.join(workspaceFolder, 'packages/core/dist/src/group/duties.js')
const { dutyFor }: { dutyFor: DutyRule } = await import(pathToFileURL(duties).href)

const place = 1
const patience = 3

function run(scene: Scene, steps: number): void {
  for (let step = 0; step < steps; step++) scene.step()
}

/** A scene in which one worker has, in both groups, a connection in each place where one can be. */
function busyScene(): Scene {
  const scene = new Scene(dutyFor)
  const wanted = ['handshake', 'queue', 'worker'] as const
  const isBusy = (group: GroupView): boolean => wanted.every((where) => at(group, where).length > 0)
  for (let step = 0; step < 1000; step++) {
    scene.step()
    if (isBusy(scene.view.bare) && isBusy(scene.view.reuse)) return scene
  }
  throw new Error('nothing came together in 1000 steps')
}

/** The connections of the chosen worker, without those that have ended. */
function at(group: GroupView, where: ConnectionView['where']): ConnectionView[] {
  return group.connections.filter(
    (one) => one.where === where && one.place === place && one.end === null,
  )
}

function assertComplete(group: GroupView, clients: number): void {
  const underWay = group.connections.filter(({ end }) => end === null).length
  assert.equal(group.answered + group.lost + underWay, clients)
}

test('the scene opens with a restart that loses connections only without @reuse', () => {
  const { bare, reuse } = openScene(dutyFor, place).view
  assert.ok(bare.lost > 0)
  assert.ok(bare.connections.some(({ end }) => end === 'lost'))
  assert.equal(reuse.lost, 0)
  assert.ok(at(reuse, 'queue').length > 0, 'something waits in the orphan')
  const orphan = reuse.listeners.find((listener) => listener.place === place)
  assert.equal(orphan?.isOrphan, true)
  assert.ok([0, 2].includes(orphan.server ?? -1), 'another member serves it')
})

test('without @reuse a restart loses queue and handshakes; with @reuse, nothing', () => {
  const scene = busyScene()
  const { bare } = scene.view
  const unaccepted = [...at(bare, 'queue'), ...at(bare, 'handshake')]
  const accepted = at(bare, 'worker')
  scene.act('restart', place)
  assert.equal(scene.view.bare.lost, unaccepted.length)
  assert.ok(at(scene.view.bare, 'worker').length === accepted.length, 'it answers these')
  run(scene, 100)
  assert.equal(scene.view.bare.lost, unaccepted.length)
  assert.equal(scene.view.reuse.lost, 0)
  for (const group of [scene.view.bare, scene.view.reuse]) {
    assert.deepEqual(group.workers, ['serving', 'serving', 'serving'])
    assert.ok(group.listeners.every(({ isOrphan, server, ...one }) => server === one.place))
  }
})

test('with @reuse a kill loses only what was accepted; without, all that waited too', () => {
  const scene = busyScene()
  const { bare, reuse } = scene.view
  const accepted = at(reuse, 'worker').length
  const all = (['handshake', 'queue', 'worker'] as const).flatMap((where) => at(bare, where))
  scene.act('kill', place)
  run(scene, 100)
  assert.equal(scene.view.reuse.lost, accepted)
  assert.equal(scene.view.bare.lost, all.length)
  assert.ok(all.length > accepted)
})

test('only with @reuse are connections taken from a stalled worker’s queue', () => {
  const scene = busyScene()
  scene.act('stall', place)
  run(scene, 20)
  const waiting = at(scene.view.bare, 'queue').map(({ id }) => id)
  assert.ok(waiting.length > patience)
  assert.ok(at(scene.view.reuse, 'queue').length < waiting.length)
  run(scene, 100)
  const { bare, reuse } = scene.view
  assert.deepEqual([bare.lost, reuse.lost], [0, 0])
  assert.deepEqual(bare.workers, ['serving', 'serving', 'serving'])
})

test('if all workers are killed, connections are lost even with @reuse', () => {
  const scene = busyScene()
  for (const each of [0, 1, 2]) scene.act('kill', each)
  for (const { listeners, connections } of [scene.view.bare, scene.view.reuse]) {
    assert.deepEqual(listeners, [])
    assert.ok(connections.every(({ end }) => end !== null))
  }
  run(scene, 10)
  assert.ok(scene.view.reuse.lost > 7, 'new ones are refused')
  run(scene, 100)
  assert.deepEqual(scene.view.reuse.workers, ['serving', 'serving', 'serving'])
})

test('every client is answered, lost or under way, whatever is done', () => {
  const scene = new Scene(dutyFor)
  const kinds: readonly Action[] = ['restart', 'kill', 'stall']
  const same = new Clients()
  let clients = 0
  for (let step = 1; step <= 600; step++) {
    scene.step()
    clients += same.next().length
    const { bare, reuse } = scene.view
    for (const group of [bare, reuse]) assertComplete(group, clients)
    const action = kinds[step % 3] ?? 'stall'
    if (step % 7 === 0 && isPossibleIn(scene.view, action, step % 3)) scene.act(action, step % 3)
  }
})

test('restarts one after another lose nothing with @reuse', () => {
  const scene = new Scene(dutyFor)
  for (let restart = 0; restart < 60; restart++) {
    run(scene, 40)
    assert.ok(isPossibleIn(scene.view, 'restart', restart % 3))
    scene.act('restart', restart % 3)
  }
  const { bare, reuse } = scene.view
  assert.ok(bare.lost > 60)
  assert.equal(reuse.lost, 0)
  assert.ok(reuse.answered > bare.answered)
})
