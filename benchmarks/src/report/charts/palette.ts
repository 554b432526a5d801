/**
 * The colours of all charts, as CSS variables, so that one picture works in light and dark schemes.
 * Peers differ in lightness as well as in hue, and every bar and line has its name beside it: nobody
 * has to tell two colours apart to read a chart.
 */
const light = {
  surface: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  grid: '#d8dee4',
  bar: '#b4bcc6',
  reuse: '#0860ca',
  orange: '#b35c00',
  vermilion: '#c5303a',
  green: '#0b7a5b',
  purple: '#8b4fb8',
  olive: '#736a00',
  teal: '#00738c',
}

const dark: typeof light = {
  surface: '#0d1117',
  ink: '#e6edf3',
  muted: '#9198a1',
  grid: '#2b323b',
  bar: '#57606a',
  reuse: '#58a6ff',
  orange: '#f0a04b',
  vermilion: '#ff7b72',
  green: '#3fc79a',
  purple: '#c79bf2',
  olive: '#d4c04a',
  teal: '#56cfe1',
}

export type Colour = keyof typeof light

export function colour(name: Colour): string {
  return `var(--chart-${name})`
}

/** The declarations that a stylesheet needs for one of the two schemes. */
export function paletteVariables(scheme: 'light' | 'dark'): string {
  return Object.entries(scheme === 'light' ? light : dark)
    .map(([name, value]) => `--chart-${name}: ${value};`)
    .join(' ')
}
