// Mutants of membership: who is in the cluster, under which id, and where.

import type { Mutant } from './mutant.ts';
import { COPIED, operated, TAKEN_FOR_ANOTHER } from './settings.ts';

export const MEMBERSHIP: readonly Mutant[] = [
  {
    name: 'meet-not-repeated',
    source: 'S26, valkey#461',
    breaks: 'A MEET that is lost is not sent again: one side knows the other, and not the reverse.',
    edits: [
      {
        file: 'gossip/src/ping.ts',
        find: 'const isMet = topology.hasStatus(node, handshake) && topology.hasStatus(node, meet);',
        replace:
          'const isMet = topology.hasStatus(node, handshake) && topology.setStatus(node, meet, false);',
      },
    ],
    script: 's26-lost-meet',
  },
  {
    name: 'ban-ignored',
    source: 'S28, valkey#2788',
    breaks: 'Gossip brings a forgotten node back during its ban.',
    edits: [
      {
        file: 'gossip/src/gossip-section.ts',
        find: 'if (blacklist.has(entry.node, nowMs)) {',
        replace: 'if (blacklist.has(entry.node, nowMs) && nowMs === 0) {',
      },
    ],
    options: operated(3000, 'forget'),
    foundBy: ['L6'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'ban-for-ever',
    source: 'S28, valkey#4090',
    breaks: 'Bans that nodes tell each other never run out: a node cannot come back.',
    edits: [
      {
        file: 'gossip/src/blacklist.ts',
        find: 'const ttlS = Math.floor((endMs - nowMs) / 1000);',
        replace: 'const ttlS = Math.ceil((endMs - nowMs) / 1000);',
      },
    ],
    options: operated(3000, 'forget'),
    foundBy: ['L1'],
    seedsMean: 6.2,
    seedsMax: 25,
  },
  {
    name: 'ghost-in-handshake',
    source: 'S30, redis#2965',
    breaks: 'A handshake with an address where nobody is never ends.',
    edits: [
      {
        file: 'gossip/src/handshake.ts',
        find: '> timeoutMs) {',
        replace: '> timeoutMs * 1e9) {',
      },
    ],
    options: operated(500, 'meet', 'move'),
    foundBy: ['A16'],
    seedsMean: 1.2,
    seedsMax: 10,
  },
  {
    name: 'handshake-saved',
    source: 'S30, redis#5711',
    breaks: 'A node in handshake is saved under its random id, and a restart makes it a member.',
    edits: [
      {
        file: 'nodes-conf/src/topology.ts',
        find: '.filter((node) => !topology.hasStatus(node, StatusBit.handshake))',
        replace: '',
      },
    ],
    options: operated(500, 'meet'),
    foundBy: ['L1'],
    seedsMean: 2.6,
    seedsMax: 15,
  },
  {
    name: 'known-node-met-again',
    source: 'S30, redis#5711',
    breaks: 'Meeting a node that is known already enters it a second time.',
    edits: [
      {
        file: 'gossip/src/handshake.ts',
        find: 'if (known !== NO_NODE) {\n    if (known !== topology.self) {',
        replace: 'if (known === topology.self) {\n    if (known !== topology.self) {',
      },
    ],
    options: operated(500, 'meet'),
    foundBy: ['error'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'new-address-not-learned',
    source: 'S40, redis#6128',
    breaks: 'A node that was restarted at another address is looked for at the old one for ever.',
    edits: [
      {
        file: 'gossip/src/receive.ts',
        find: "if (message.kind === 'ping') updateAddress(context, sender, link, message.header);",
        replace: '',
      },
    ],
    options: operated(5000, 'move'),
    foundBy: ['L1'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'strangers-taken-in',
    source: 'S31, redis#7287',
    breaks:
      'A PING of an unknown node is taken for a MEET: forgotten nodes and other clusters get in.',
    edits: [
      {
        file: 'gossip/src/receive.ts',
        find: "if (message.kind === 'meet') acceptMeet(context, link, message);",
        replace: "if (message.kind !== 'pong') acceptMeet(context, link, message);",
      },
      {
        file: 'gossip/src/handshake.ts',
        find: 'if (message.gossip.length > 0) {',
        replace: 'if (message.gossip.length > 1e9) {',
      },
    ],
    options: TAKEN_FOR_ANOTHER,
    foundBy: ['S31'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'whoever-answers-is-it',
    source: 'S40, redis#4094, valkey#965',
    breaks: 'Another node that answers at the address of a node is taken for it.',
    edits: [
      {
        file: 'gossip/src/receive.ts',
        find: 'topology.idOf(node) !== message.header.sender',
        replace: 'false',
      },
      {
        file: 'gossip/src/receive.ts',
        find: 'noteAnswer(context, link, speaker, message.header);',
        replace: 'noteAnswer(context, link, node, message.header);',
      },
    ],
    options: TAKEN_FOR_ANOTHER,
    foundBy: ['A10'],
    seedsMean: 2.8,
    seedsMax: 15,
  },
  {
    name: 'twins-both-serve',
    source: 'rule A17; the peers do nothing here',
    breaks: 'Of two processes with one id none stands aside: both serve the same slots.',
    edits: [
      {
        file: 'gossip/src/twin.ts',
        find: 'twins.isAside = isLater;',
        replace: '',
      },
    ],
    options: COPIED,
    foundBy: ['A17b'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'extension-without-a-length',
    source: 'S71, redis#15752',
    breaks: 'An extension of a message may be shorter than its own head.',
    edits: [
      {
        file: 'cluster-bus/src/ping-extensions.ts',
        find: 'if (length < EXTENSION_HEADER_BYTES ||',
        replace: 'if (',
      },
    ],
    script: 's71-extensions',
  },
];
