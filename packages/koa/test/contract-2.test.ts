import { adapterContract } from '@reuse/testkit'
import { koa2Harness } from './harness-2.js'

adapterContract('Koa 2', koa2Harness)
