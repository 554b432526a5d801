// Tests the packages as they are published: one world for all tests, because it takes long to make.
import { after } from 'node:test'
import { makeWorld } from '../world.js'
import { contentTests } from './contents.js'
import { debianTests } from './debian.js'
import { fromSourceTests } from './from-source.js'
import { installTests } from './installs.js'
import { linterTests } from './linters.js'
import { readmeTests } from './readmes.js'
import { sbomTests } from './sbom.js'
import { typeTests } from './types.js'

const world = await makeWorld()
after(() => world.end())

contentTests(world)
sbomTests(world)
linterTests(world)
typeTests(world)
installTests(world)
readmeTests(world)
fromSourceTests(world)
debianTests(world)
