import type { Page } from 'playwright-core'

/** In pixels, as it is seen. */
const smallest = 11

/** The texts in pictures that are too small to read: those of charts, and of the pictures above them. */
export async function smallTexts(page: Page): Promise<string[]> {
  const found = await page.evaluate<{ text: string; size: number }[]>(`(async () => {
    const seen = [...document.querySelectorAll('.chart svg text, .VPHero svg text')].map((text) => {
      const svg = text.ownerSVGElement
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
      return { text: text.textContent, size: scale * parseFloat(getComputedStyle(text).fontSize) }
    })
    for (const image of document.querySelectorAll('.headline img')) {
      const response = await fetch(image.currentSrc)
      const scale = image.getBoundingClientRect().width / image.naturalWidth
      const sizes = [...(await response.text()).matchAll(/font-size: ?([\\d.]+)px/g)]
      for (const [text, size] of sizes) seen.push({ text, size: scale * Number(size) })
    }
    return seen
  })()`)
  if (found.length === 0) throw new Error('there is no text in a picture')
  return found
    .filter(({ size }) => size < smallest)
    .map(({ text, size }) => `"${text}" has ${size.toFixed(1)} px`)
}

/** The texts of charts that a whisker (not the axis), a sample or another text crosses, or that are clipped. */
export async function inTheWay(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(`(() => {
    const meet = (a, b) =>
      a.left + 1 < b.right && b.left + 1 < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom
    const cross = (a, b) =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    return [...document.querySelectorAll('.chart svg')].flatMap((svg) => {
      const chart = svg.closest('.chart')
      const title = chart.querySelector('figcaption').textContent
      const edge = chart.getBoundingClientRect()
      const all = (selector) =>
        [...svg.querySelectorAll(selector)].map((one) => ({
          name: one.textContent || one.parentElement.getAttribute('aria-label'),
          box: one.getBoundingClientRect(),
        }))
      const texts = all('text').filter(({ box }) => box.width > 0)
      const marks = all('[aria-label=rule]:not([stroke="var(--chart-muted)"]) line, [aria-label=dot] circle')
      return texts.flatMap(({ name, box }, index) => [
        ...texts.slice(index + 1).filter((other) => meet(box, other.box)),
        ...marks.filter((mark) => cross(box, mark.box)),
        ...(box.left < edge.left || box.right > edge.right ? [{ name: 'the edge' }] : []),
      ].map((other) => title + ': "' + name + '" meets ' + other.name))
    })
  })()`)
}
