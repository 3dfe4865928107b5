// What must be true of a table after every event, checked by a full scan: too slow for each packet, meant for tests and
// the simulator. Two families: the relation between replicas and primaries, and the coherence of slots and flags.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex } from './node.ts';
import type { Topology } from './topology.ts';

/** A table contradicts itself: a bug of ours, never somebody else's input. */
export class TopologyAssertionError extends Error {
  override readonly name = 'TopologyAssertionError';
  readonly code = 'ASSERTION';
}

/**
 * Throws {@link TopologyAssertionError} unless the table is coherent:
 * - ids and indices name each other, and this node is in the table;
 * - a primary follows nobody, a replica a known node or none, and following primaries comes to an end;
 * - a node's bitmap is exactly the slots whose owner it is, its count that of its slots; replicas own none;
 * - slots that are open name known nodes, and none is migrating and importing at once;
 * - pfail and fail exclude each other.
 */
export function checkInvariants(topology: Topology): void {
  const nodes = [...topology.nodes()];
  check(topology.has(topology.self), () => 'this node is not in the table');
  check(nodes.length === topology.size, () => `${topology.size} ids name ${nodes.length} nodes`);
  for (const node of nodes) {
    checkIdentity(topology, node);
    checkReplication(topology, node);
    checkFlags(topology, node);
  }
  const pfail = nodes.filter((node) => topology.isPfail(node)).length;
  check(pfail === topology.pfailCount, () => `${topology.pfailCount} of ${pfail} nodes are pfail`);
  checkSlots(topology, nodes);
  checkOpenSlots(topology);
  checkCensus(topology, nodes);
}

function checkIdentity(topology: Topology, node: NodeIndex): void {
  const id = topology.idOf(node);
  check(topology.find(id) === node, () => `the id ${id} leads to another node than it came from`);
}

function checkReplication(topology: Topology, node: NodeIndex): void {
  const primary = topology.primaryOf(node);
  if (primary === NO_NODE) return;
  const name = topology.idOf(node);
  check(topology.isReplica(node), () => `${name} is a primary and follows another node`);
  check(topology.has(primary), () => `${name} follows a node that is not in the table`);
  let above = primary;
  for (let steps = topology.size; above !== NO_NODE; steps--) {
    check(above !== node && steps > 0, () => `${name} follows a circle of replicas`);
    above = topology.primaryOf(above);
  }
}

function checkFlags(topology: Topology, node: NodeIndex): void {
  const isBoth = topology.isPfail(node) && topology.isFail(node);
  check(!isBoth, () => `${topology.idOf(node)} is pfail and fail at once`);
}

/** The counts that are kept up to date are those of the rows. */
function checkCensus(topology: Topology, nodes: readonly NodeIndex[]): void {
  const voters = nodes.filter((node) => topology.isVoter(node));
  const serving = voters.filter((node) => !topology.isFail(node));
  const reachable = serving.filter((node) => !topology.isPfail(node));
  const slots = serving.reduce((sum, node) => sum + topology.slotsOf(node).count, 0);
  const linked = nodes.filter((node) => topology.isLinked(node));
  const { census, linkedCount } = topology;
  const counts = [census.voters, census.reachableVoters, census.servedSlots, linkedCount];
  const rows = [voters.length, reachable.length, slots, linked.length];
  check(counts.join() === rows.join(), () => `the counts are ${counts}, and the rows say ${rows}`);
}

function checkSlots(topology: Topology, nodes: readonly NodeIndex[]): void {
  const owned = countOwned(topology);
  for (const node of nodes) {
    const slots = topology.slotsOf(node);
    const name = topology.idOf(node);
    const count = owned[node];
    // Its own slots are all in it: as many as that, and there is no other.
    const isOwn = slotsIn(slots.bitmap) === count;
    check(isOwn, () => `the bitmap of ${name} has slots of other nodes`);
    check(slots.count === count, () => `${name} counts ${slots.count} slots and has ${count}`);
    check(count === 0 || topology.isPrimary(node), () => `the replica ${name} owns slots`);
  }
}

/** By node: of how many slots it is the owner. Each of them is in its bitmap. */
function countOwned(topology: Topology): Uint32Array {
  const owned = new Uint32Array(topology.indexLimit);
  let last = NO_NODE;
  let bitmap: Uint8Array = new Uint8Array(0);
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = topology.ownerOf(slot);
    if (owner === NO_NODE) continue;
    if (owner !== last) {
      check(topology.has(owner), () => `slot ${slot} belongs to a node that is not in the table`);
      ({ bitmap } = topology.slotsOf(owner));
      last = owner;
    }
    if ((bitmap[slot >> 3] & (1 << (slot & 7))) === 0) {
      throw new TopologyAssertionError(`slot ${slot} is not in the bitmap of its owner`);
    }
    owned[owner]++;
  }
  return owned;
}

/** Counted anew: a set remembers its count. */
function slotsIn(bitmap: Uint8Array): number {
  let count = 0;
  for (const byte of bitmap) {
    for (let bits = byte; bits !== 0; bits &= bits - 1) count++;
  }
  return count;
}

function checkOpenSlots(topology: Topology): void {
  const { migratingSlots, importingSlots } = topology;
  for (const slot of migratingSlots.keys()) {
    check(!importingSlots.has(slot), () => `slot ${slot} is migrating and importing at once`);
  }
  for (const [slot, peer] of [...migratingSlots, ...importingSlots]) {
    check(slot >= 0 && slot < SLOT_COUNT, () => `slot ${slot} is open and does not exist`);
    check(topology.has(peer), () => `slot ${slot} is open towards a node that is not in the table`);
  }
}

/** The message is a function: it is put together only when it is needed. */
function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new TopologyAssertionError(message());
}
