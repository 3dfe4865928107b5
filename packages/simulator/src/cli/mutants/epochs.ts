// Mutants of epochs and of who owns which slot.

import type { Mutant } from './mutant.ts';
import { CRASHED, operated } from './settings.ts';

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
    seedsMean: 0,
    seedsMax: 40,
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
    foundBy: ['A5'],
    seedsMean: 0,
    seedsMax: 40,
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
    seedsMean: 0,
    seedsMax: 40,
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
    seedsMean: 0,
    seedsMax: 40,
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
    seedsMean: 0,
    seedsMax: 40,
  },
  {
    name: 'unbounded-epochs',
    source: 'K5',
    breaks: 'Any epoch is believed: one forged message leaves the cluster none to go on with.',
    edits: [
      {
        file: 'gossip/src/limits.ts',
        find: 'export const EPOCH_JUMP_MAX = 2 ** 48;',
        replace: 'export const EPOCH_JUMP_MAX = 2 ** 53;',
      },
    ],
    options: { ...CRASHED, beyond: ['bus'] },
    foundBy: ['A16'],
    seedsMean: 0,
    seedsMax: 40,
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
    options: operated(200, 'addslots', 'delslots', 'bumpepoch'),
    foundBy: ['A6'],
    seedsMean: 0,
    seedsMax: 40,
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
    seedsMean: 0,
    seedsMax: 40,
  },
  {
    name: 'loss-not-recorded',
    source: 'S44, redis#12336',
    breaks: 'That slots were lost to another node is not saved: after a restart they are back.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: 'topology.assignSlots(slots, claimant, claim);\n  dirty.save = true;\n  dirty.durable = true;',
        replace: 'topology.assignSlots(slots, claimant, claim);',
      },
    ],
    options: operated(200, 'addslots', 'delslots', 'bumpepoch'),
    foundBy: ['A6', 'Q8'],
    seedsMean: 0,
    seedsMax: 40,
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
    seedsMean: 0,
    seedsMax: 40,
  },
  {
    name: 'loser-keeps-bitmap',
    source: 'S44, redis#12344; rule A9',
    breaks: 'A slot that changes its owner stays in the bitmap of the former one.',
    edits: [
      {
        file: 'topology/src/topology.ts',
        find: 'columns.slots[loser] = columns.slots[loser].difference(SlotSet.from(lost));',
        replace:
          'columns.slots[loser] = columns.slots[loser].difference(SlotSet.from(lost.slice(1)));',
      },
    ],
    options: operated(200, 'addslots', 'delslots', 'bumpepoch'),
    foundBy: ['A9'],
    seedsMean: 0,
    seedsMax: 40,
  },
];
