import { adapterContract } from '@reuse/testkit'
import { koa2Harness, koa3Harness } from './harness.js'

adapterContract('Koa 3', koa3Harness)
adapterContract('Koa 2', koa2Harness)
