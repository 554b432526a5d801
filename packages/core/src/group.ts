/**
 * `@reuse/core/group`: what a command needs that is not a member itself. It lists the sockets of any
 * port with what their members report, gives a group another policy, and lets a running program share
 * its port. Linux only.
 */
export { measureMember, probeMember } from './group/inquiry.js'
export { type Keeper, type KeeperOptions, keepGroup, keyOf } from './group/keeper.js'
export {
  type Listener,
  type ListenersOptions,
  listListeners,
  type Standing,
} from './group/listeners.js'
export type { LoopDelay } from './group/loop-delay.js'
export type { MemberLoad } from './group/messages.js'
export {
  arrangeGroup,
  type RetireOptions,
  retireListener,
  type WeighedListener,
} from './group/outside.js'
export { type SteeringOutcome, steerGroups } from './group/steer-groups.js'
export { hasMemberName, listMemberNames, type NamedMember } from './inspect/named-members.js'
export type { Peer } from './inspect/peers.js'
export { ReuseError, type ReuseErrorCode, type SystemError } from './lib/errors.js'
export { primaryVariable } from './node/cluster.js'
export { holdListeners, type ListenerHold, type WorkerListening } from './node/kept-listeners.js'
export { type ConnectionPeer, peerOfConnection } from './socket/connection-peer.js'
export type { Protocol } from './socket/native.js'
export { Notifier } from './socket/notifier.js'
export { type Queue, queueOf } from './socket/queue.js'
export type { PayloadBytes } from './steering/packet.js'
export type { GroupPolicy } from './steering/policy.js'
export {
  type HandedIn,
  listHandedIn,
  type OpenOptions,
  openListening,
} from './targets/handed-in.js'
export { type RunningSocket, shareRunning } from './targets/running.js'
