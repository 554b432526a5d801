import { adapterContract } from '@reuse/testkit'
import { fastifyHarness } from './harness.js'

adapterContract('Fastify 5', fastifyHarness)
