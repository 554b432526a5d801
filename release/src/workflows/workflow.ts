import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'

/** A YAML mapping, about which nothing is known yet. */
type Mapping = Record<string, unknown>

export interface Job {
  id: string
  value: Mapping
  steps: Mapping[]
}

/** A workflow of GitHub Actions, as far as the rules look at it. */
export interface Workflow {
  /** The file's name, without its folder. */
  file: string
  text: string
  jobs: Job[]
}

export function parseWorkflow(file: string, text: string): Workflow {
  const jobs = Object.entries(mapping(mapping(parse(text)).jobs)).map(([id, job]) => {
    const { steps } = mapping(job)
    return { id, value: mapping(job), steps: Array.isArray(steps) ? steps.map(mapping) : [] }
  })
  return { file, text, jobs }
}

/** Reads every workflow of a folder. */
export function readWorkflows(folder: string): Workflow[] {
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file))
  return files.map((file) => parseWorkflow(file, readFileSync(path.join(folder, file), 'utf8')))
}

/** Anything that is not a mapping counts as empty: what a workflow must have is not for a rule to check. */
export function mapping(value: unknown): Mapping {
  return isMapping(value) ? value : {}
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
