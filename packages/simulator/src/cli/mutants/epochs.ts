// Mutants of epochs and of who owns which slot.

import type { Mutant } from './mutant.ts';
import { LIED_TO, operated } from './settings.ts';

export const EPOCHS: readonly Mutant[] = [
  {
    name: 'collision-not-resolved',
    source: 'S1, redis#1799',
    breaks: 'Two primaries with one config epoch keep it.',
    edits: [
      {
        file: 'gossip/src/epoch.ts',
        find: 'if (topology.idOf(sender) <= topology.idOf(self)) return;',
        replace: 'return;',
      },
    ],
    options: operated(300, 'bumpepoch'),
    foundBy: ['L1'],
    seedsMean: 12,
    seedsMax: 50,
  },
  {
    name: 'greater-id-gives-way',
    source: 'specification, "Config epochs conflicts resolution algorithm"; S1',
    breaks: 'The node with the greater id takes the next epoch: beside peers, both do, or neither.',
    edits: [
      {
        file: 'gossip/src/epoch.ts',
        find: 'if (topology.idOf(sender) <= topology.idOf(self)) return;',
        replace: 'if (topology.idOf(sender) >= topology.idOf(self)) return;',
      },
    ],
    options: operated(300, 'bumpepoch'),
    foundBy: ['P10'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'current-epoch-not-raised',
    source: 'specification, "Cluster current epoch"',
    breaks: 'A greater current epoch in a header is not taken over.',
    edits: [
      {
        file: 'gossip/src/header.ts',
        find: 'if (header.currentEpoch > topology.currentEpoch) topology.currentEpoch = header.currentEpoch;',
        replace: '',
      },
    ],
    options: operated(2000, 'reset'),
    foundBy: ['L1'],
    seedsMean: 7.6,
    seedsMax: 35,
  },
  {
    name: 'epoch-not-saved',
    source: 'commit 9176f4b94 of redis, rule A3',
    breaks: 'A node tells its new config epoch before that is on its disk.',
    edits: [
      {
        file: 'gossip/src/epoch.ts',
        find: 'dirty.save = true;\n  dirty.durable = true;',
        replace: 'dirty.state = true;',
      },
    ],
    options: operated(300, 'bumpepoch'),
    foundBy: ['A3'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'sent-before-saved',
    source: 'commit 9176f4b94 of redis, rule A3',
    breaks: 'The outbox does not hold messages back until what they tell is on the disk.',
    edits: [
      {
        file: 'simulator/src/world/outbox.ts',
        find: 'this.#held[0].save <= this.#saved',
        replace: 'this.#saved >= 0',
      },
    ],
    options: operated(300, 'bumpepoch'),
    foundBy: ['A3'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'unbounded-epochs',
    source: 'K5',
    breaks: 'Any epoch is believed: one forged message leaves the cluster none to go on with.',
    edits: [
      {
        file: 'gossip/src/limits.ts',
        find: '= 2 ** 48;',
        replace: '= 2 ** 53;',
      },
    ],
    options: LIED_TO,
    foundBy: ['error'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'older-update-accepted',
    source: 'rule A6; K4',
    breaks: 'An UPDATE with an older config epoch than the known one is taken over.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: 'if (node === topology.self || topology.configEpochOf(node) >= message.configEpoch) {',
        replace: 'if (node === topology.self) {',
      },
    ],
    options: LIED_TO,
    foundBy: ['K4'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'hearsay-takes-slots',
    source: 'K4; redis and valkey do so',
    breaks:
      'A node gives its slots up to an owner that it has never heard and that has none of them.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: 'if (takesOwnSlots(context, message) && isStillToBeHeard(context, node)) {',
        replace: 'if (false) {',
      },
    ],
    script: 'k04-hearsay',
  },
  {
    name: 'older-claim-wins',
    source: 'rule A6; S33',
    breaks: 'Whoever claims a slot gets it, with whatever config epoch: the map goes back.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: 'if (isFree || topology.configEpochOf(owner) < configEpoch) taken.push(slot);',
        replace: 'taken.push(slot);',
      },
    ],
    options: operated(200, 'addslots', 'delslots', 'bumpepoch'),
    foundBy: ['A6', 'L1'],
    seedsMean: 1.6,
    seedsMax: 10,
  },
  {
    name: 'removed-node-keeps-slots',
    source: 'S54, redis#3043; rule A9',
    breaks: 'A node that is forgotten goes on owning its slots.',
    edits: [
      {
        file: 'topology/src/topology.ts',
        find: "'a table cannot lose its own node');\n    this.unassignSlots(this.slotsOf(node));",
        replace: "'a table cannot lose its own node');",
      },
    ],
    options: operated(3000, 'forget'),
    foundBy: ['A9'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'loser-keeps-bitmap',
    source: 'S44, redis#12344; rule A9',
    breaks: 'A slot that changes its owner stays in the bitmap of the former one.',
    edits: [
      {
        file: 'topology/src/topology.ts',
        find: 'columns.slots[loser].difference(slots)',
        replace: 'columns.slots[loser].difference(slots.without(slots.first))',
      },
    ],
    options: operated(200, 'addslots', 'delslots', 'bumpepoch'),
    foundBy: ['A9'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'replica-claims-slots',
    source: 'S35, valkey#753, valkey#609',
    breaks: 'A message of a replica moves slots to its primary.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: 'if (isPrimary) takeClaim(context, sender, header);',
        replace: 'applyClaim(context, primary, header.configEpoch, header.slots);',
      },
    ],
    script: 's35-circles',
  },
  {
    name: 'circle-of-replicas',
    source: 'S35, redis#11263, valkey#2441',
    breaks: 'A replica may follow a node that follows it.',
    edits: [
      {
        file: 'gossip/src/role.ts',
        find: 'if (!breakCircle(context, sender, primary)) {',
        replace: 'if (primary === sender) {',
      },
    ],
    script: 's35-circles',
  },
];
