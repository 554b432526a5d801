import dgram from 'node:dgram'
import net from 'node:net'
import {
  type Capabilities,
  capabilities,
  connect,
  type Explanation,
  explain,
  type Member,
  memberOf,
  type Peer,
  peers,
  ReuseError,
  type ReuseErrorCode,
  type ReuseOptions,
  type SteeringPolicy,
  setReuse,
} from '@reuse/core'
import '@reuse/core/register'

const options: ReuseOptions = { steering: 'source-address', weight: 0.5, leaveTimeout: 1000 }
const policies: SteeringPolicy[] = ['hash', 'random', 'cpu', { weights: [1, 2] }]

const server = net.createServer()
const member: Member = setReuse(server, options)
setReuse(3)
const datagramMember: Member = setReuse(dgram.createSocket('udp4'))
const found: Member | undefined = memberOf(server)
// @ts-expect-error: the name of an option that does not exist
setReuse(server, { exclusiv: true })

const all: Peer[] = await member.peers()
const others: Peer[] = await peers({ port: 3000, protocol: 'udp' })
const { length, limit }: { length: number; limit: number } = member.queue()
for (const policy of policies) await member.steer(policy)
const { lossless }: { lossless: boolean } = await member.leave()
const port: number | undefined = member.address()?.port
const socket: net.Socket = connect({ port: 80, localPort: 3000 })
const can: Readonly<Capabilities> = capabilities

try {
  server.listen(0)
} catch (error) {
  if (error instanceof ReuseError) {
    const code: ReuseErrorCode = error.code
    const hint: string = error.hint
    console.log(code, hint)
  }
  const explanation: Explanation = await explain(error)
  console.log(explanation)
}
console.log(datagramMember, found, all, others, length, limit, lossless, port, socket, can)
