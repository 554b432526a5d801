export { type ConnectOptions, connect } from './api/connect.js'
export { memberOf, setReuse } from './api/set-reuse.js'
export {
  type ListeningApplication,
  shareListen,
  shareServers,
  shareServersDuring,
} from './api/share-servers.js'
export type { LeaveReason, LeaveReport } from './group/departure.js'
export { explain } from './inspect/explain.js'
export type { Explanation, Reason } from './inspect/explanation.js'
export { type Peer, type PeersOptions, peers } from './inspect/peers.js'
export { ReuseError, type ReuseErrorCode, type SystemError } from './lib/errors.js'
export type { Protocol } from './socket/native.js'
export {
  type Admission,
  type Capabilities,
  capabilities,
  type Recipient,
} from './socket/platform.js'
export type { Queue } from './socket/queue.js'
export type { PayloadBytes } from './steering/packet.js'
export type { GroupPolicy, SteeringPolicy } from './steering/policy.js'
export type { Member } from './targets/member.js'
export type { ReuseOptions } from './targets/options.js'
