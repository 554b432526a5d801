// The notes of the release: what core's changelog says about its version. The changelog of each other
// package has to contain the version too.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../root.js'
import { sectionOf } from './changelog.js'
import { publicPackages } from './packages.js'

const sections = publicPackages(root).map(({ name, version, folder }) => {
  const section = sectionOf(readFileSync(path.join(folder, 'CHANGELOG.md'), 'utf8'), version)
  if (section === undefined) throw new Error(`The changelog of ${name} says nothing of ${version}.`)
  return { name, section }
})
console.log(sections.find(({ name }) => name === '@reuse/core')?.section)
