import { SlotSet } from '@slotmesh/crc16-slots';
import { describe, expect, it } from 'vitest';
import {
  checkInvariants,
  NO_NODE,
  type NodeIndex,
  StatusBit,
  Topology,
  TopologyAssertionError,
} from '../src/index.ts';
import { addressOf, idOf } from './helpers.ts';

/** A primary with slots (this node, 0), its replica (1) and a primary with slots (2). */
function cluster(): Topology {
  const entry = (name: string) => ({ id: idOf(name), address: addressOf(1), createdMs: 0 });
  const topology = new Topology(entry('a'));
  const replica = topology.addNode(entry('b'));
  const other = topology.addNode(entry('c'));
  topology.assignSlots(SlotSet.parse('0-9'), topology.self);
  topology.assignSlots(SlotSet.parse('10-19'), other);
  topology.setReplicaOf(replica, topology.self);
  topology.setMigrating(3, other);
  topology.setImporting(13, other);
  return topology;
}

const B = 1 as NodeIndex;
const C = 2 as NodeIndex;
const NOWHERE = 7 as NodeIndex;

/** Tables that say something else than they hold. */
const lies: [string, RegExp, typeof Topology][] = [
  [
    'a lost self',
    /this node is not in the table/,
    class extends Topology {
      override has(node: NodeIndex) {
        return node !== this.self && super.has(node);
      }
    },
  ],
  [
    'ids without nodes',
    /4 ids name 3 nodes/,
    class extends Topology {
      override get size() {
        return super.size + 1;
      }
    },
  ],
  [
    'an id that leads elsewhere',
    /the id b0+ leads to another node/,
    class extends Topology {
      override find(id: string) {
        return id === idOf('b') ? C : super.find(id);
      }
    },
  ],
  [
    'a replica of itself',
    /b0+ follows a circle/,
    class extends Topology {
      override primaryOf(node: NodeIndex) {
        return node === B ? B : super.primaryOf(node);
      }
    },
  ],
  [
    'a circle that does not come back',
    /follows a circle/,
    class extends Topology {
      override isReplica() {
        return true;
      }
      override primaryOf(node: NodeIndex) {
        return node === this.self ? B : node === B ? C : B;
      }
    },
  ],
  [
    'a replica of nobody known',
    /b0+ follows a node that is not in the table/,
    class extends Topology {
      override primaryOf(node: NodeIndex) {
        return node === B ? NOWHERE : super.primaryOf(node);
      }
    },
  ],
  [
    'an owner that is not there',
    /slot 5 belongs to a node that is not in the table/,
    class extends Topology {
      override ownerOf(slot: number) {
        return slot === 5 ? NOWHERE : super.ownerOf(slot);
      }
    },
  ],
  [
    'an owner whose bitmap lacks the slot',
    /slot 5 is not in the bitmap of its owner/,
    class extends Topology {
      override ownerOf(slot: number) {
        return slot === 5 ? C : super.ownerOf(slot);
      }
    },
  ],
  [
    'a bitmap with a slot of nobody',
    /the bitmap of c0+ has slots of other nodes/,
    class extends Topology {
      override slotsOf(node: NodeIndex) {
        return node === C ? super.slotsOf(node).with(16383) : super.slotsOf(node);
      }
    },
  ],
  [
    'a slot that is open twice',
    /slot 13 is migrating and importing/,
    class extends Topology {
      override get migratingSlots() {
        return super.importingSlots;
      }
    },
  ],
  [
    'an open slot that is none',
    /slot 16384 is open and does not exist/,
    class extends Topology {
      override get migratingSlots() {
        return new Map([[16384, C]]);
      }
    },
  ],
  [
    'a slot open towards nobody',
    /slot 13 is open towards a node that is not in the table/,
    class extends Topology {
      override get importingSlots() {
        return new Map([[13, NOWHERE]]);
      }
    },
  ],
];

describe('checkInvariants', () => {
  it('accepts a coherent table', () => {
    expect(() => checkInvariants(cluster())).not.toThrow();
  });

  it.each(lies)('finds %s', (_, message, Table) => {
    const topology = cluster();
    Object.setPrototypeOf(topology, Table.prototype);
    expect(() => checkInvariants(topology)).toThrow(message);
    expect(() => checkInvariants(topology)).toThrow(TopologyAssertionError);
  });

  it('finds flags that were set past the named methods', () => {
    const both = cluster();
    both.setStatus(C, StatusBit.pfail | StatusBit.fail, true);
    expect(() => checkInvariants(both)).toThrow(/c0+ is pfail and fail at once/);
    const owner = cluster();
    owner.setStatus(C, StatusBit.replica, true);
    expect(() => checkInvariants(owner)).toThrow(/the replica c0+ owns slots/);
    const primary = cluster();
    primary.setStatus(B, StatusBit.replica, false);
    expect(() => checkInvariants(primary)).toThrow(/b0+ is a primary and follows another node/);
  });
});

describe('what the table refuses', () => {
  const entry = (name: string) => ({ id: idOf(name), address: addressOf(1), createdMs: 0 });
  it.each([
    ['DUPLICATE_NODE', (t: Topology) => t.addNode(entry('b'))],
    ['DUPLICATE_NODE', (t: Topology) => t.renameNode(C, idOf('b'))],
    ['NOT_ALLOWED', (t: Topology) => t.removeNode(t.self)],
    ['NOT_ALLOWED', (t: Topology) => t.assignSlots(SlotSet.of(1), B)],
    ['NO_SUCH_NODE', (t: Topology) => t.removeNode(NOWHERE)],
    ['NO_SUCH_NODE', (t: Topology) => t.renameNode(NO_NODE, idOf('d'))],
    ['NO_SUCH_NODE', (t: Topology) => t.assignSlots(SlotSet.of(1), NOWHERE)],
    ['NO_SUCH_NODE', (t: Topology) => t.setReplicaOf(B, NOWHERE)],
    ['NO_SUCH_NODE', (t: Topology) => t.setMigrating(1, NOWHERE)],
    ['NO_SUCH_NODE', (t: Topology) => t.setImporting(1, NO_NODE)],
    ['REPLICATION_CYCLE', (t: Topology) => t.setReplicaOf(C, C)],
    ['REPLICATION_CYCLE', (t: Topology) => t.setReplicaOf(t.self, B)],
  ])('%s', (code, act) => {
    const topology = cluster();
    expect(() => act(topology)).toThrow(expect.objectContaining({ name: 'TopologyError', code }));
    checkInvariants(topology);
  });
});

describe('another object for the same slots', () => {
  it('is kept, and changes nothing that anybody could tell from the table', () => {
    const topology = cluster();
    const same = SlotSet.parse('10-19');
    const { revision } = topology;
    expect(topology.slotsOf(C)).not.toBe(same);
    topology.keepSlots(C, same);
    expect(topology.slotsOf(C)).toBe(same);
    expect(topology.revision).toBe(revision);
    expect(() => checkInvariants(topology)).not.toThrow();
  });
});
