import type { Scene } from './scene.js'

const third = 1 / 3
const bare = 'The bare option'

/** The four wounds of the bare option, and what becomes of each. */
export const wounds = {
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
      title: '@reuse: it leaves, and then closes',
      seats: [
        { name: 'one', share: 0.5, state: 'serves' },
        { name: 'two', share: 0, queue: 4, handshakes: 2, fate: 'served', state: 'leaves' },
        { name: 'three', share: 0.5, state: 'serves' },
      ],
      caption:
        'New connections go to the others. The handshakes are completed, all six are served, and only then it closes.',
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
      caption: 'It still gets a third of all new connections, and nobody sees it.',
    },
    {
      title: '@reuse: you see it, and steer away',
      seats: [
        { name: 'one', share: 0.5, queue: 0, state: '0 of 511 wait' },
        { name: 'two', share: 0, queue: 12, state: '12 of 511 wait' },
        { name: 'three', share: 0.5, queue: 0, state: '0 of 511 wait' },
      ],
      caption:
        'peers() shows every queue, and any member can steer the group past it. What waits there goes on waiting.',
    },
  ],
  blind: [
    {
      title: `${bare}: a hash`,
      seats: [
        { name: 'big', share: third, state: '33 %' },
        { name: 'small', share: third, state: '33 %' },
        { name: 'canary', share: third, state: '33 %' },
      ],
      caption: 'All alike, whatever they are; and who they are is not to be seen.',
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
