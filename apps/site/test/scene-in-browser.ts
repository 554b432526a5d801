/** The scene of "how it works", as it is used. The test controls the page's clock: nothing here waits. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

/** Longer than a worker takes to start again, in milliseconds of the page. */
const long = 10_000

const groups = { bare: 0, reuse: 1 }

function sceneOf(page: Page): Locator {
  return page.locator('figure.scene')
}

function press(page: Page, name: string): Promise<void> {
  return sceneOf(page).getByRole('button', { name }).click()
}

/** What a number below one of the pictures says. */
async function read(page: Page, group: keyof typeof groups, name: string): Promise<number> {
  const counters = sceneOf(page).locator('.group').nth(groups[group]).locator('dl div')
  return Number(await counters.filter({ hasText: name }).locator('dd').textContent())
}

async function losses(page: Page): Promise<{ bare: number; reuse: number }> {
  return { bare: await read(page, 'bare', 'lost'), reuse: await read(page, 'reuse', 'lost') }
}

/** Lets the page run until something waits at worker two of the bare option, while that serves. */
async function untilWaiting(page: Page): Promise<void> {
  const waiting = /^The bare option:.* Worker two serves, [1-9]\d* in its queue/
  const ready = sceneOf(page).getByRole('button', { name: 'Restart', disabled: false })
  for (let step = 0; step < 300; step++) {
    await page.clock.runFor(200)
    const picture = sceneOf(page).getByRole('img', { name: waiting })
    if ((await picture.count()) === 1 && (await ready.count()) === 1) return
  }
  assert.fail('in 300 steps nothing waited at worker two')
}

/** On a page whose clock was replaced before it was loaded. */
export async function testScene(page: Page): Promise<void> {
  await page.clock.pauseAt(Date.now() + 3_600_000)
  const atFirst = await losses(page)
  assert.ok(atFirst.bare > 0, 'it begins with a restart')
  assert.equal(atFirst.reuse, 0)
  await press(page, 'Play')

  await untilWaiting(page)
  await press(page, 'Restart')
  const restarted = await losses(page)
  assert.ok(restarted.bare > atFirst.bare)
  await page.clock.runFor(long)
  assert.deepEqual(await losses(page), { bare: restarted.bare, reuse: 0 })

  await untilWaiting(page)
  await press(page, 'Kill')
  const killed = await losses(page)
  assert.ok(killed.bare - restarted.bare > killed.reuse, 'what waits is lost without @reuse only')
  const news = await sceneOf(page).getByRole('status').textContent()
  const lost = `Lost so far: ${killed.bare} with the bare option, ${killed.reuse} with @reuse.`
  assert.ok(news?.endsWith(lost), `${news}`)
  await page.clock.runFor(long)
  assert.deepEqual(await losses(page), killed)

  await testStall(page)
  await testPause(page)
  await page.clock.resume()
}

async function testStall(page: Page): Promise<void> {
  await untilWaiting(page)
  const before = await losses(page)
  await press(page, 'Stall')
  await page.clock.runFor(6000)
  assert.ok((await read(page, 'bare', 'waiting')) > (await read(page, 'reuse', 'waiting')))
  // While it is stalled, this does nothing.
  await sceneOf(page).getByRole('button', { name: 'Restart' }).click({ force: true })
  assert.deepEqual(await losses(page), before)
}

async function testPause(page: Page): Promise<void> {
  const scene = sceneOf(page)
  const moving = await scene.innerHTML()
  await page.clock.runFor(long)
  assert.notEqual(await scene.innerHTML(), moving)
  await press(page, 'Pause')
  const paused = await scene.innerHTML()
  await page.clock.runFor(long)
  assert.equal(await scene.innerHTML(), paused)
  await press(page, 'Step')
  assert.notEqual(await scene.innerHTML(), paused)
}

/** On a page of a user who wants nothing to move. */
export async function testStillScene(page: Page): Promise<void> {
  const scene = sceneOf(page)
  await scene.getByRole('radio', { name: 'one' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await scene.getByRole('radio', { name: 'three', checked: true }).waitFor()
  await scene.getByRole('button', { name: 'Kill' }).focus()
  await page.keyboard.press('Enter')
  await scene.getByRole('status').filter({ hasText: 'Worker three is killed' }).waitFor()
  // That does not start playing the scene.
  await scene.getByRole('button', { name: 'Play' }).waitFor()
  const answered = await read(page, 'reuse', 'answered')
  for (let step = 0; step < 10; step++) await press(page, 'Step')
  assert.ok((await read(page, 'reuse', 'answered')) > answered)
  const dot = "document.querySelector('.scene .connection')"
  const duration = await page.evaluate(`getComputedStyle(${dot}).transitionDuration`)
  assert.equal(duration, '0s')
}

/** On a page without JavaScript. */
export async function testSceneWithoutJavaScript(page: Page): Promise<void> {
  const { bare, reuse } = await losses(page)
  assert.ok(bare > 0)
  assert.equal(reuse, 0)
  const scene = sceneOf(page)
  assert.ok((await scene.locator('.connection').count()) > 0)
  assert.equal(await scene.getByRole('button').count(), 0, 'it has no button that does nothing')
}
