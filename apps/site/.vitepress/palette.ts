import { paletteVariables } from '@reuse/benchmarks/charts'

/** The colours of the charts, as the benchmarks' own pictures have them. */
export const chartColours = `:root{${paletteVariables('light')}}.dark{${paletteVariables('dark')}}`
