import type { PlotOptions } from '@observablehq/plot'

export interface Drawing {
  /** In pixels. */
  width: number
  /** Whether pointing at something shows its figures, which a still picture cannot do. */
  interactive?: boolean
}

/** A picture of a part of a scenario, for code that calls `Plot.plot`. */
export interface Chart {
  /** Its name among the charts of its scenario, and in file names: `requests-per-second`. */
  id: string
  /** The heading above this chart in a picture of charts of several scenarios. */
  heading?: string
  /** What is drawn: `requests per second, /s; more is better`. */
  title: string
  /** What the chart does not show, and the picture should say. */
  note?: string
  /** What it shows, in words, for readers who cannot see it. */
  description: string
  /** Its colours are CSS variables; see palette.ts. */
  options(drawing: Drawing): PlotOptions
}

/** The room that names of sides need, in pixels; fonts differ between systems. */
export function sideWidth(sides: readonly string[]): number {
  return Math.ceil(7.8 * Math.max(0, ...sides.map((side) => side.length)))
}

/** `Express, 2 members` → `express-2-members` */
export function slug(...parts: string[]): string {
  return parts
    .join(' ')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
