// The table against a second, dumb implementation: plain maps by id, everything looked up by walking all of it.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkInvariants, NO_NODE, StatusBit, Topology, TopologyError } from '../src/index.ts';
import { addressOf, idOf } from './helpers.ts';

const SELF = idOf('n0');
const NAMES = Array.from({ length: 8 }, (_, i) => idOf(`n${i}`));
/** Both ends of the slot numbers, and a few between: enough for owners to meet. */
const SLOTS = [0, 1, 2, 3, 7, 8, 31, 32, 8191, 16381, 16382, 16383];

interface ModelNode {
  isReplica: boolean;
  primary: string | null;
  health: '' | 'pfail' | 'fail';
  failTimeMs: number;
  configEpoch: number;
  reports: Map<string, number>;
}

class Model {
  nodes = new Map<string, ModelNode>();
  owners = new Map<number, string>();
  migrating = new Map<number, string>();
  importing = new Map<number, string>();
  currentEpoch = 0;

  add(id: string, configEpoch: number): void {
    if (this.nodes.has(id)) throw new Error('taken');
    this.nodes.set(id, {
      isReplica: false,
      primary: null,
      health: '',
      failTimeMs: 0,
      configEpoch,
      reports: new Map(),
    });
    this.currentEpoch = Math.max(this.currentEpoch, configEpoch);
  }

  remove(id: string): void {
    if (id === SELF || !this.nodes.has(id)) throw new Error('no');
    this.nodes.delete(id);
    for (const marks of [this.owners, this.migrating, this.importing]) {
      for (const [slot, node] of [...marks]) if (node === id) marks.delete(slot);
    }
    for (const node of this.nodes.values()) {
      if (node.primary === id) node.primary = null;
      node.reports.delete(id);
    }
  }

  rename(id: string, to: string): void {
    if (!this.nodes.has(id) || this.nodes.has(to)) throw new Error('no');
    const swap = (name: string): string => (name === id ? to : name);
    this.nodes = new Map([...this.nodes].map(([name, node]) => [swap(name), node]));
    for (const node of this.nodes.values()) {
      if (node.primary !== null) node.primary = swap(node.primary);
      node.reports = new Map([...node.reports].map(([name, time]) => [swap(name), time]));
    }
    for (const marks of [this.owners, this.migrating, this.importing]) {
      for (const [slot, name] of marks) marks.set(slot, swap(name));
    }
  }

  replicate(id: string, primary: string | null): void {
    if (!this.nodes.has(id) || (primary !== null && !this.nodes.has(primary)))
      throw new Error('no');
    for (let above = primary; above !== null; above = this.nodes.get(above)!.primary) {
      if (above === id) throw new Error('circle');
    }
    this.unassign([...this.owners.keys()].filter((slot) => this.owners.get(slot) === id));
    const node = this.nodes.get(id)!;
    node.isReplica = true;
    node.primary = primary;
  }

  assign(slots: number[], id: string): void {
    if (!this.nodes.has(id) || this.nodes.get(id)!.isReplica) throw new Error('no');
    for (const slot of slots) this.owners.set(slot, id);
  }

  unassign(slots: number[]): void {
    for (const slot of slots) this.owners.delete(slot);
  }

  isVoter(id: string): boolean {
    return !this.nodes.get(id)!.isReplica && [...this.owners.values()].includes(id);
  }

  /** What `snapshot` gives of the table, from these maps. */
  snapshot(): unknown {
    const byName = (id: string): unknown => {
      const node = this.nodes.get(id)!;
      const slots = [...this.owners.keys()].filter((slot) => this.owners.get(slot) === id);
      return {
        id,
        isReplica: node.isReplica,
        primary: node.primary,
        replicas: [...this.nodes.keys()]
          .filter((one) => this.nodes.get(one)!.primary === id)
          .sort(),
        isVoter: this.isVoter(id),
        slots: slots.sort((a, b) => a - b),
        health: node.health,
        failTimeMs: node.failTimeMs,
        configEpoch: node.configEpoch,
        reports: node.reports.size,
      };
    };
    const epochs = [...this.nodes.values()].map((node) => node.configEpoch);
    return {
      nodes: [...this.nodes.keys()].sort().map(byName),
      assigned: this.owners.size,
      migrating: sorted(this.migrating),
      importing: sorted(this.importing),
      currentEpoch: this.currentEpoch,
      maxEpoch: Math.max(this.currentEpoch, ...epochs),
    };
  }
}

function sorted(marks: Iterable<readonly [number, string]>): unknown {
  return [...marks].sort(([a], [b]) => a - b);
}

function snapshot(topology: Topology): unknown {
  const name = (node: number): string | null =>
    node === NO_NODE ? null : topology.idOf(node as never);
  const nodes = [...topology.nodes()].map((node) => ({
    id: topology.idOf(node),
    isReplica: topology.isReplica(node),
    primary: name(topology.primaryOf(node)),
    replicas: topology.replicasOf(node).map(name).sort(),
    isVoter: topology.isVoter(node),
    slots: SLOTS.filter((slot) => topology.ownerOf(slot) === node),
    health: topology.isPfail(node) ? 'pfail' : topology.isFail(node) ? 'fail' : '',
    failTimeMs: topology.failTimeMs(node),
    configEpoch: topology.configEpochOf(node),
    reports: topology.failureReportCount(node, 0),
  }));
  const marks = (of: ReadonlyMap<number, number>) =>
    sorted([...of].map(([slot, node]) => [slot, name(node)!] as const));
  return {
    nodes: nodes.sort((a, b) => (a.id < b.id ? -1 : 1)),
    assigned: topology.assignedSlotCount,
    migrating: marks(topology.migratingSlots),
    importing: marks(topology.importingSlots),
    currentEpoch: topology.currentEpoch,
    maxEpoch: topology.maxEpoch(),
  };
}

const id = fc.constantFrom(...NAMES);
const slot = fc.constantFrom(...SLOTS);
const number = fc.integer({ min: 1, max: 50 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), id, epoch: number }),
  fc.record({ kind: fc.constant('remove' as const), id }),
  fc.record({ kind: fc.constant('rename' as const), id, to: id }),
  fc.record({ kind: fc.constant('replicate' as const), id, primary: fc.option(id) }),
  fc.record({ kind: fc.constant('promote' as const), id }),
  fc.record({ kind: fc.constant('assign' as const), id, slots: fc.uniqueArray(slot) }),
  fc.record({ kind: fc.constant('unassign' as const), slots: fc.uniqueArray(slot) }),
  fc.record({
    kind: fc.constant('mark' as const),
    id,
    how: fc.constantFrom('markPfail' as const, 'markFail', 'clearPfail', 'clearFail'),
    nowMs: number,
  }),
  fc.record({
    kind: fc.constant('report' as const),
    id,
    reporter: id,
    nowMs: number,
    takenBack: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('expire' as const), id, oldestMs: number }),
  fc.record({ kind: fc.constant('dropNonVoters' as const), id }),
  fc.record({
    kind: fc.constant('open' as const),
    id,
    slot,
    way: fc.constantFrom('migrating' as const, 'importing', 'closed'),
  }),
  fc.record({ kind: fc.constant('epoch' as const), id, epoch: number }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Runs one operation on the model; throws where the table must refuse, or where there is no such node to ask. */
function runOnModel(model: Model, op: Operation): void {
  switch (op.kind) {
    case 'add':
      model.add(op.id, op.epoch);
      break;
    case 'remove':
      model.remove(op.id);
      break;
    case 'rename':
      model.rename(op.id, op.to);
      break;
    case 'replicate':
      model.replicate(op.id, op.primary);
      break;
    case 'assign':
      model.assign(op.slots, op.id);
      break;
    case 'unassign':
      model.unassign(op.slots);
      break;
    default:
      runOnModelNode(model, model.nodes.get(op.id)!, op);
  }
}

function runOnModelNode(model: Model, node: ModelNode, op: Operation): void {
  switch (op.kind) {
    case 'promote':
      node.isReplica = false;
      node.primary = null;
      break;
    case 'mark':
      if (op.how === 'markPfail' && node.health === '') node.health = 'pfail';
      if (op.how === 'markFail' && node.health !== 'fail') {
        node.health = 'fail';
        node.failTimeMs = op.nowMs;
      }
      if (op.how === 'clearPfail' && node.health === 'pfail') node.health = '';
      if (op.how === 'clearFail' && node.health === 'fail') node.health = '';
      break;
    case 'report':
      if (op.takenBack) node.reports.delete(op.reporter);
      else node.reports.set(op.reporter, op.nowMs);
      break;
    case 'expire':
      for (const [who, time] of node.reports) if (time < op.oldestMs) node.reports.delete(who);
      break;
    case 'dropNonVoters':
      for (const who of node.reports.keys()) if (!model.isVoter(who)) node.reports.delete(who);
      break;
    case 'open':
      model.migrating.delete(op.slot);
      model.importing.delete(op.slot);
      if (op.way !== 'closed') model[op.way].set(op.slot, op.id);
      break;
    case 'epoch':
      node.configEpoch = op.epoch;
      model.currentEpoch = Math.max(model.currentEpoch, op.epoch);
      break;
  }
}

function runOnTopology(topology: Topology, op: Operation): void {
  const find = (id: string | null) => (id === null ? NO_NODE : topology.find(id));
  switch (op.kind) {
    case 'add':
      topology.addNode({ id: op.id, address: addressOf(1), createdMs: 0, configEpoch: op.epoch });
      break;
    case 'remove':
      topology.removeNode(find(op.id));
      break;
    case 'rename':
      topology.renameNode(find(op.id), op.to);
      break;
    case 'replicate':
      topology.setReplicaOf(find(op.id), find(op.primary));
      break;
    case 'assign':
      topology.assignSlots(SlotSet.from(op.slots), find(op.id));
      break;
    case 'unassign':
      topology.unassignSlots(SlotSet.from(op.slots));
      break;
    case 'promote':
      topology.setPrimary(find(op.id));
      break;
    case 'mark':
      topology[op.how](find(op.id), op.nowMs);
      break;
    case 'report':
      if (op.takenBack) topology.removeFailureReport(find(op.id), find(op.reporter));
      else topology.addFailureReport(find(op.id), find(op.reporter), op.nowMs);
      break;
    case 'expire':
      topology.failureReportCount(find(op.id), op.oldestMs);
      break;
    case 'dropNonVoters':
      topology.dropReportsOfNonVoters(find(op.id));
      break;
    case 'open':
      if (op.way === 'migrating') topology.setMigrating(op.slot, find(op.id));
      else if (op.way === 'importing') topology.setImporting(op.slot, find(op.id));
      else topology.closeSlot(op.slot);
      break;
    case 'epoch':
      topology.setConfigEpoch(find(op.id), op.epoch);
      break;
  }
}

/** The named methods that check their node say so; the others may only be asked about nodes that are there. */
const CHECKED = new Set(['add', 'remove', 'rename', 'replicate', 'assign', 'unassign']);

function isAskable(op: Operation, model: Model): boolean {
  if (op.kind === 'rename' && op.id === SELF) return false;
  if (op.kind === 'replicate' && op.primary !== null && !model.nodes.has(op.primary)) return false;
  if (CHECKED.has(op.kind)) return true;
  if (op.kind === 'report' && !model.nodes.has(op.reporter)) return false;
  return model.nodes.has((op as { id: string }).id);
}

it('does what a dumb table does, and stays coherent', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const topology = new Topology({ id: SELF, address: addressOf(1), createdMs: 0 });
      const model = new Model();
      model.add(SELF, 0);
      for (const op of operations) {
        if (!isAskable(op, model)) continue;
        const revision = topology.revision;
        const before = model.snapshot();
        let isAllowed = true;
        try {
          runOnModel(model, op);
        } catch {
          isAllowed = false;
        }
        if (isAllowed) {
          runOnTopology(topology, op);
        } else {
          refused++;
          expect(() => runOnTopology(topology, op)).toThrow(TopologyError);
          expect(topology.revision).toBe(revision);
          expect(model.snapshot()).toEqual(before);
        }
        expect(snapshot(topology)).toEqual(model.snapshot());
        expect(topology.revision).toBeGreaterThanOrEqual(revision);
        checkInvariants(topology);
      }
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeGreaterThan(0);
});

it('reuses the rows of nodes that left, with nothing of them in it', () => {
  const topology = new Topology({ id: SELF, address: addressOf(1), createdMs: 0 });
  const first = topology.addNode({ id: NAMES[1], address: addressOf(2), createdMs: 7 });
  topology.assignSlots(SlotSet.ALL, first);
  topology.markFail(first, 9);
  topology.setOffset(first, 9);
  topology.addFailureReport(first, topology.self, 9);
  topology.removeNode(first);
  const second = topology.addNode({ id: NAMES[2], address: addressOf(3), createdMs: 8 });
  expect(second).toBe(first);
  expect(topology.indexLimit).toBe(2);
  expect(topology.isFail(second)).toBe(false);
  expect(topology.offsetOf(second)).toBe(0);
  expect(topology.failTimeMs(second)).toBe(0);
  expect(topology.failureReportCount(second, 0)).toBe(0);
  expect(topology.slotsOf(second)).toBe(SlotSet.EMPTY);
  expect(topology.createdMs(second)).toBe(8);
  expect(topology.hasStatus(second, StatusBit.used)).toBe(true);
});

it('keeps the claimed bitmap where it says the same, so that equal tables share it', () => {
  const topology = new Topology({ id: SELF, address: addressOf(1), createdMs: 0 });
  const claim = SlotSet.parse('0-99');
  topology.assignSlots(SlotSet.parse('0-49'), topology.self);
  topology.assignSlots(SlotSet.parse('50-99'), topology.self, claim);
  expect(topology.slotsOf(topology.self)).toBe(claim);
  topology.assignSlots(SlotSet.of(100), topology.self, claim);
  expect(topology.slotsOf(topology.self).count).toBe(101);
  expect(SLOT_COUNT).toBe(16384);
});
