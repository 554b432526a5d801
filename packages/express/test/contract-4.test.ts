import { adapterContract } from '@reuse/testkit'
import { express4Harness } from './harness-4.js'

adapterContract('Express 4', express4Harness)
