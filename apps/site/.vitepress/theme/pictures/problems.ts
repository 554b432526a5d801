import type { Scene } from './scene.js'

const third = 1 / 3
const bare = 'The bare option'

/** The four problems of the bare option, and what becomes of each. */
export const problems = {
  close: [
    {
      title: `${bare}: it closes`,
      seats: [
        { name: 'one', share: third, state: 'serves' },
        { name: 'two', share: third, queue: 4, handshakes: 2, fate: 'lost', state: 'closes' },
        { name: 'three', share: third, state: 'serves' },
      ],
      caption:
        'Four connections wait in the queue and two are in their handshake. The kernel resets all six.',
    },
    {
      title: '@reuse: it closes, and the others hold its listener',
      seats: [
        { name: 'one', share: third, state: 'serves two' },
        { name: 'two', share: third, queue: 4, handshakes: 2, fate: 'served', state: 'has closed' },
        { name: 'three', share: third, state: 'serves' },
      ],
      caption:
        'The listener lives on in duplicates. Another member serves all six, and what still comes, until the next program takes the listener over.',
    },
  ],
  stall: [
    {
      title: `${bare}: it stalls`,
      seats: [
        { name: 'one', share: third, state: 'serves' },
        { name: 'two', share: third, queue: 12, state: 'stalls' },
        { name: 'three', share: third, state: 'serves' },
      ],
      caption: 'It still gets a third of all new connections, and they wait for it.',
    },
    {
      title: '@reuse: idle members take what waits',
      seats: [
        { name: 'one', share: third, state: 'serves both' },
        { name: 'two', share: third, queue: 12, fate: 'served', state: 'stalls' },
        { name: 'three', share: third, state: 'serves both' },
      ],
      caption:
        'What has waited some milliseconds is accepted by members that have nothing to do. It is the same when it dies.',
    },
  ],
  balance: [
    {
      title: `${bare}: a hash`,
      seats: [
        { name: 'big', share: third, state: '33 %' },
        { name: 'small', share: third, state: '33 %' },
        { name: 'canary', share: third, state: '33 %' },
      ],
      caption: 'All get the same, whatever they are; and nothing shows who they are.',
    },
    {
      title: '@reuse: weights, or stickiness',
      seats: [
        { name: 'big', share: 0.79, state: 'weight 8' },
        { name: 'small', share: 0.2, state: 'weight 2' },
        { name: 'canary', share: 0.01, state: 'weight 0.1' },
      ],
      caption: 'In proportion to the weights; or all of one client address at one member.',
    },
  ],
  stranger: [
    {
      title: `${bare}: anybody of this user`,
      seats: [
        { name: 'yours', share: third, state: 'serves' },
        { name: 'yours too', share: third, state: 'serves' },
        { name: 'stranger', share: third, stranger: true, state: 'serves, too' },
      ],
      caption: 'A forgotten program of the same user joins in silence and takes a third.',
    },
    {
      title: '@reuse: exclusive, or only the same program',
      seats: [
        { name: 'yours', share: 0.5, state: 'serves' },
        { name: 'yours too', share: 0.5, state: 'serves' },
        { name: 'stranger', share: 0, stranger: true, state: 'named' },
      ],
      caption:
        'exclusive keeps everybody out. only: "same-program" does not start beside a stranger, and warns when one comes.',
    },
  ],
} satisfies Record<string, readonly [Scene, Scene]>
