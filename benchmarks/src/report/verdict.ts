import {
  type Comparison,
  comparisonsOf,
  isReuse,
  type Verdict,
  withoutRescueName,
} from './comparison.js'
import { type Finding, type FindingName, findingOf } from './findings.js'
import { type Gain, gainsOf } from './gains.js'
import { formatNumber, formatQuantity, formatRatio } from './quantity.js'
import { summaryOf } from './ratio.js'
import type { Measure, Scenario } from './schema.js'

/** A part of a report's conclusions, in words. */
export interface Sentence {
  /** One word, or a few: `Restarts`. */
  about: string
  text: string
}

/**
 * A report's conclusions, in five sentences, or as many as it has the scenarios for: where @reuse
 * differs, what is equal, what it loses. All of it is computed from the figures.
 */
export function verdictOf(scenarios: readonly Scenario[]): Sentence[] {
  const found = (name: FindingName, tell: (finding: Finding) => Sentence): Sentence[] => {
    const finding = findingOf(name, scenarios)
    return finding === undefined ? [] : [tell(finding)]
  }
  return [
    ...found('restart', (finding) => ({
      about: 'Restarts',
      text: `When the programs are restarted${inCase(finding)}, ${count(finding)}.`,
    })),
    ...found('crash', (finding) => ({
      about: 'Crashes',
      text: `When a program is killed${inCase(finding)}, ${count(finding)}.`,
    })),
    ...found('tail', (finding) => ({
      about: 'Tail',
      text: `When one of the workers is slower than the others${inCase(finding)}, the slowest request of a hundred takes ${figures(finding)}.`,
    })),
    ...throughput(scenarios),
    ...balance(scenarios),
  ]
}

/** Names the case if the scenario has others. */
function inCase({ scenario, case: { name } }: Finding): string {
  return scenario.cases.length === 1 ? '' : ` (${name.replace(/ \((.*)\)$/, ', $1')})`
}

/** `the failed requests per restart are 0 with @reuse; 3 with nginx` */
function count(finding: Finding): string {
  return `the ${finding.measures[0].metric} are ${figures(finding)}${occasions(finding)}`
}

/** ` (in 204 of each)` */
function occasions({ case: { parameters }, measures: [{ samples }] }: Finding): string {
  const [, aRound] = Object.entries(parameters).find(([name]) => name.endsWith(' a round')) ?? []
  if (typeof aRound !== 'number') return ''
  return ` (in ${formatNumber(aRound * samples.length)} of each)`
}

/** The figure of @reuse, then those of the others, from the best to the worst. */
function figures({ measures }: Finding): string {
  const ours = reuseAmong(measures)
  const others = new Map<string, string[]>()
  for (const measure of measures) {
    if (measure === ours) continue
    const figure = figureOf(measure)
    others.set(figure, [...(others.get(figure) ?? []), measure.side])
  }
  const told = [...others].map(([figure, sides]) => `${figure} with ${listOf(sides)}`)
  const first = `${figureOf(ours)} with ${ours.side}`
  return told.length === 0 ? first : `${first}; ${told.join(', ')}`
}

/** @reuse itself, if there are several sides that use it. */
function reuseAmong<T extends { side: string }>(sides: readonly [T, ...T[]]): T {
  const ours = sides.filter(({ side }) => isReuse(side))
  return ours.find(({ side }) => side === '@reuse') ?? ours[0] ?? sides[0]
}

function figureOf(measure: Measure): string {
  return formatQuantity(summaryOf(measure), measure.unit)
}

function throughput(scenarios: readonly Scenario[]): Sentence[] {
  const found = gainsOf(scenarios)
  if (found === undefined) return []
  const { metric, baseline, ideal, gains, equal } = found
  const [first, ...rest] = gains.filter(({ side }) => side !== baseline && side !== ideal)
  if (first === undefined) return []
  const reuse = reuseAmong([first, ...rest])
  const others = [first, ...rest].filter(({ side }) => !isReuse(side))
  const ours = `${reuse.side} the ${metric} are ${reuse.value.toFixed(2)} times those of a ${baseline}`
  const beside = others.length === 0 ? '' : `; with the other ways, ${spreadOf(others)}`
  const start = equal ? 'Throughput is equal, as it should be: with' : 'With'
  return [{ about: equal ? 'Equal' : 'Throughput', text: `${start} ${ours}${beside}.` }]
}

function spreadOf(gains: readonly Gain[]): string {
  const values = gains.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(2))
  return least === most ? `${least} times` : `${least} to ${most} times`
}

/** How many comparisons are won and lost, and the largest losses. */
function balance(scenarios: readonly Scenario[]): Sentence[] {
  const judged = scenarios
    .flatMap(comparisonsOf)
    .filter((each) => each.verdict !== 'not judged' && isChoice(each))
  if (judged.length === 0) return []
  return [{ about: 'Losses', text: `${countsOf(judged)}; ${worstOf(judged)}.` }]
}

function countsOf(judged: readonly Comparison[]): string {
  const number = (verdict: Verdict) => judged.filter((each) => each.verdict === verdict).length
  const few = number('too few rounds')
  return [
    `Of ${judged.length} comparisons with other ways @reuse wins ${number('wins') || 'none'}`,
    ` and loses ${number('loses') || 'none'}`,
    `, with no difference in ${number('no difference') || 'none'}`,
    ...(few === 0 ? [] : [` and too few rounds to tell in ${few}`]),
  ].join('')
}

/** Whether the other side is one that a user could choose instead. */
function isChoice({ scenario: { ideal, baseline }, other: { side } }: Comparison): boolean {
  return side !== ideal && side !== baseline && side !== withoutRescueName
}

const mostLosses = 3

/** The largest loss of each scenario. */
function worstOf(judged: readonly Comparison[]): string {
  const losses = judged
    .filter(({ verdict }) => verdict === 'loses')
    .sort((a, b) => sizeOf(b) - sizeOf(a))
  const worst = losses.filter(
    (loss) => losses.find(({ scenario }) => scenario === loss.scenario) === loss,
  )
  if (worst.length === 0) return 'no loss is to another way that a user could take'
  const told = worst.slice(0, mostLosses).map(tellLoss)
  return `its largest ${told.length === 1 ? 'loss is' : 'losses are'} ${listOf(told)}`
}

function sizeOf({ ratio: { value } }: Comparison): number {
  return Math.abs(Math.log(value))
}

function tellLoss({ scenario, case: each, reuse, other, ratio }: Comparison): string {
  const place = scenario.cases.length === 1 ? scenario.name : `${scenario.name}, ${each.name}`
  const [ours, theirs] = [summaryOf(reuse), summaryOf(other)]
  if (ours !== 0 && theirs !== 0) {
    const times = formatRatio(ratio.value)
    return `${times} times the ${other.metric} of ${other.side} (${place})`
  }
  const figure = formatQuantity(ours, reuse.unit)
  return `${figure} ${reuse.metric} where ${other.side} has ${formatNumber(theirs)} (${place})`
}

/** `one, two and three` */
function listOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
