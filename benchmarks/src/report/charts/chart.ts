import type { PlotOptions } from '@observablehq/plot'

export interface Drawing {
  /** In pixels. */
  width: number
  /** Whether what the pointer is at tells its figures; a still picture cannot. */
  interactive?: boolean
}

/** A picture of a part of a scenario, for whoever calls `Plot.plot`. */
export interface Chart {
  /** Names it among those of its scenario, and in file names: `requests-per-second`. */
  id: string
  /** What a picture of charts of several scenarios says above this one: the scenario's question. */
  heading?: string
  /** What is drawn: `requests per second, /s; more is better`. */
  title: string
  /** What the picture does not show, and should say so. */
  note?: string
  /** What it shows, in words, for who does not see it. */
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
