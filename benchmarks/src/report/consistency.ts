import type { Case, Report, Scenario } from './schema.js'

/** What a schema cannot find in a report: which parts of it do not fit together, and where. */
export function inconsistencies({ scenarios }: Report): string[] {
  return [
    ...repeated(scenarios.map(({ name }) => name)).map((name) => `/scenarios has "${name}" twice`),
    ...scenarios.flatMap((scenario, index) => inScenario(scenario, `/scenarios/${index}`)),
  ]
}

function inScenario({ cases, axis }: Scenario, place: string): string[] {
  const names = repeated(cases.map(({ name }) => name))
  const offAxis = cases.filter(({ parameters }) => typeof parameters[axis ?? ''] !== 'number')
  return [
    ...names.map((name) => `${place}/cases has "${name}" twice`),
    ...(axis === undefined ? [] : offAxis).map(
      ({ name }) => `${place}/axis is "${axis}", which is not a number in case "${name}"`,
    ),
    ...cases.flatMap((each, index) => inCase(each, `${place}/cases/${index}`)),
  ]
}

function inCase({ measures }: Case, place: string): string[] {
  const names = repeated(measures.map(({ side, metric }) => `${metric} of ${side}`))
  const faults = names.map((name) => `${place}/measures has ${name} twice`)
  for (const [index, measure] of measures.entries()) {
    const first = measures.find(({ metric }) => metric === measure.metric) ?? measure
    for (const key of ['unit', 'better', 'summary'] as const) {
      if (measure[key] !== first[key]) {
        faults.push(`${place}/measures/${index}/${key} differs from that of ${first.side}`)
      }
    }
    const [count, expected] = [measure.samples.length, first.samples.length]
    if (count !== expected) {
      faults.push(
        `${place}/measures/${index}/samples has ${count} samples where ${first.side} has ${expected}`,
      )
    }
  }
  return faults
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
