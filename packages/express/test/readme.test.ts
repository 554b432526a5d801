import { capabilities } from '@reuse/core'
import { readmeContract } from '@reuse/testkit'

readmeContract(new URL('../../', import.meta.url), capabilities.connections.exact === 'balanced')
