import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { checkReport, type Report, readReport, writeReport } from '../../src/report/index.js'
import { measure, report, scenario } from './fixture.js'

const one = measure('@reuse', [1, 2])

/** Asserts that a value is refused, and what the error says besides the name of the file. */
function refuses(value: unknown, message: RegExp): void {
  assert.throws(() => checkReport(value, 'some.json'), { name: 'ReportError', message })
  assert.throws(() => checkReport(value, 'some.json'), /^ReportError: some\.json is not a report/)
}

test('a report is the same after being written and read', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'a/folder/report.json')
  const written = report([scenario([one])])
  writeReport(file, written)
  assert.deepEqual(readReport(file), written)
})

test('a file that is not JSON is refused with an error that names it', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'report.json')
  writeFileSync(file, '{ "schema": 1,')
  assert.throws(() => readReport(file), /report\.json is not a report[\s\S]*JSON/)
})

test('an invalid report is not written', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'report-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'report.json')
  const nothing = { ...one, samples: [Number.NaN] }
  assert.throws(() => writeReport(file, report([scenario([nothing])])), /samples\/0/)
  assert.throws(() => readReport(file), { code: 'ENOENT' })
})

test('a report with another schema version is refused', () => {
  refuses({ ...report(), schema: 2 }, /\/schema must be/)
})

test('missing, unknown and wrong fields are refused with their path', () => {
  const { command: _, ...withoutCommand }: Report = report()
  refuses(withoutCommand, /\/ must have required properties command/)
  refuses({ ...report(), note: 'x' }, /\/ must not have additional properties: note/)
  refuses({ ...report(), taken: 'yesterday' }, /\/taken must match format "date-time"/)
  refuses(
    report([scenario([{ ...one, samples: [] }])]),
    /\/scenarios\/0\/cases\/0\/measures\/0\/samples must not have fewer than 1 items/,
  )
  refuses(
    report([scenario([{ ...one, better: 'higher' as 'more' }])]),
    /\/measures\/0\/better must/,
  )
})

test('duplicate and inconsistent data is refused with its path', () => {
  refuses(report([scenario([]), scenario([])]), /\/scenarios has "throughput" twice/)
  refuses(
    report([scenario([one, one])]),
    /\/scenarios\/0\/cases\/0\/measures has requests per second of @reuse twice/,
  )
  refuses(
    report([scenario([one, { ...one, side: 'single', samples: [1] }])]),
    /\/measures\/1\/samples has 1 samples where @reuse has 2/,
  )
  refuses(
    report([scenario([one, { ...one, side: 'single', unit: 'ms' }])]),
    /\/measures\/1\/unit differs from that of @reuse/,
  )
  refuses(
    report([scenario([one], { axis: 'clients' })]),
    /\/scenarios\/0\/axis is "clients", which is not a number in case "http"/,
  )
})
