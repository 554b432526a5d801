import { adapterContract } from '@reuse/testkit'
import { express4Harness, express5Harness } from './harness.js'

adapterContract('Express 5', express5Harness)
adapterContract('Express 4', express4Harness)
