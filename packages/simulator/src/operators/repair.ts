// What an operator does when everything is over: nodes that were taken apart meet again, ids that no
// node has any more are forgotten everywhere, and slots that were taken from their owner are given
// back. Only that: all else the cluster must mend itself.

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import { knows, meetCommand, order } from './steps.ts';

/** Once, with all nodes up and reachable. */
export function repair(world: World): void {
  const { ghost, nodes } = world;
  const { nodeTimeoutMs } = world.options.cluster;
  for (const node of nodes) {
    if (node.core.options.nodeTimeoutMs !== nodeTimeoutMs) node.configure({ nodeTimeoutMs });
  }
  const inUse = new Set(nodes.map((node) => node.id));
  for (const id of ghost.abandonedIds) {
    if (inUse.has(id)) continue;
    ghost.formerIds.add(id);
    // Its replicas have its data, and are going to be elected.
    if (nodes.some((node) => idOfPrimary(node) === id)) continue;
    for (const node of nodes) {
      // Somebody may still believe that they are those of the owner before.
      for (const slot of slotsOf(node, id)) ghost.releasedSlots.add(slot);
      node.execute({ kind: 'forget', id });
    }
    world.note('repair', `all forget ${id}`);
  }
  const byIndex = new Map(nodes.map((node) => [`${node.index}`, node]));
  for (const pair of ghost.severed) {
    const [a, b] = pair.split('>').map((index) => byIndex.get(index));
    if (a === undefined || b === undefined) continue;
    if (!knows(a, b)) world.note('repair', order(a, meetCommand(b)));
  }
  reunite(world);
  // Who spoke in whose name while there were two of one name nobody can tell.
  if (ghost.rewound.size > 0) for (const node of nodes) acquaint(world, node);
  returnSlots(world);
  ghost.abandonedIds.clear();
  ghost.severed.clear();
  ghost.releasedSlots.clear();
}

/** What a node believes to be another one's. */
function slotsOf({ topology }: SimNode, id: string): Iterable<number> {
  const row = topology.find(id);
  return row === NO_NODE ? [] : topology.slotsOf(row);
}

/**
 * Nodes that were started from an older state than the one that they have told of: the others know of
 * config epochs and slots of theirs that they do not know of themselves. They take a new epoch, and
 * the slots that nobody but others believes to be theirs. When everybody knows everybody again.
 */
export function bringForward(world: World): void {
  const { ghost, nodes } = world;
  for (const node of ghost.rewound) {
    const own = node.topology.slotsOf(node.topology.self);
    for (const { topology } of nodes) {
      const row = topology.find(node.id);
      if (row === NO_NODE) continue;
      for (const slot of topology.slotsOf(row).difference(own)) ghost.releasedSlots.add(slot);
    }
  }
  returnSlots(world);
  for (const node of ghost.rewound) world.note('repair', order(node, { kind: 'bumpEpoch' }));
  ghost.releasedSlots.clear();
  ghost.rewound.clear();
}

/**
 * A slot that nobody claims, and that somebody believes to be another's, goes to that other one, in
 * the way in which redis-cli mends uncovered slots. Where nobody knows of an owner any more, it goes to
 * the primary that has its keys, which would take it by itself after a restart.
 */
function returnSlots(world: World): void {
  const { ghost, nodes } = world;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const returned = new Map<SimNode, number[]>();
  for (const slot of ghost.releasedSlots) {
    const owners = nodes.map(({ topology }) => topology.ownerOf(slot));
    if (nodes.some(({ topology }, i) => owners[i] === topology.self)) continue;
    const believer = nodes.findIndex(({ topology }, i) => {
      return owners[i] !== NO_NODE && byId.has(topology.idOf(owners[i]));
    });
    const owner =
      believer === -1
        ? nodes.find(({ keys, topology }) => topology.isPrimary(topology.self) && keys.has(slot))
        : byId.get(nodes[believer].topology.idOf(owners[believer]));
    if (owner === undefined) continue;
    const slots = returned.get(owner);
    if (slots === undefined) returned.set(owner, [slot]);
    else slots.push(slot);
  }
  for (const [owner, slots] of returned) {
    const taken = slots.filter((slot) => owner.topology.ownerOf(slot) !== NO_NODE);
    if (taken.length > 0) owner.execute({ kind: 'delSlots', slots: taken });
    world.note('repair', order(owner, { kind: 'addSlots', slots }));
    world.note('repair', order(owner, { kind: 'bumpEpoch' }));
  }
}

function idOfPrimary({ topology }: SimNode): string {
  const primary = topology.primaryOf(topology.self);
  return primary === NO_NODE ? '' : topology.idOf(primary);
}

/** Of the replicas of one primary an operator makes that one the primary that has the most of its stream. */
function hasMost(node: SimNode, nodes: readonly SimNode[]): boolean {
  const { offset } = node.replicator.position;
  return nodes.every((one) => {
    if (one === node || !one.isUp || idOfPrimary(one) !== idOfPrimary(node)) return true;
    const other = one.replicator.position.offset;
    return other < offset || (other === offset && one.index > node.index);
  });
}

/**
 * A replica whose primary has another id now, or is gone, takes its place; an operator says so where elections have not
 * managed it for so long. Without slots it follows another one: it would wait for ever, and does not forget it. To be
 * called again until all agree.
 */
export function adopt(world: World, sinceMs: number): void {
  const patienceMs = 3 * world.options.cluster.nodeTimeoutMs + 5000;
  const { nodes, ghost } = world;
  const inUse = new Set(nodes.map(({ id }) => id));
  for (const node of nodes) {
    const { topology } = node;
    // Who did not know the name when all others forgot it may have heard it since, and tells it again.
    for (const id of ghost.formerIds) {
      const row = inUse.has(id) || node.isPaused ? NO_NODE : topology.find(id);
      if (row === NO_NODE || row === topology.primaryOf(topology.self)) continue;
      if (topology.slotsOf(row).count === 0 || topology.replicasOf(row).length === 0) {
        world.note('repair', order(node, { kind: 'forget', id }));
      }
    }
    const primary = topology.primaryOf(topology.self);
    if (primary === NO_NODE || inUse.has(topology.idOf(primary)) || !node.isUp || node.isPaused)
      continue;
    if (topology.slotsOf(primary).count > 0) {
      if (world.nowMs - sinceMs < patienceMs || !hasMost(node, nodes)) continue;
      world.note('repair', order(node, { kind: 'failover', mode: 'takeover' }));
      continue;
    }
    const other = nodes.find(
      (one) => one !== node && one.topology.isPrimary(one.topology.self) && knows(node, one),
    );
    if (other === undefined) continue;
    ghost.formerIds.add(topology.idOf(primary));
    world.note('repair', order(node, { kind: 'replicate', id: other.id }));
  }
}

/** Lets a node meet all that it does not know. */
function acquaint(world: World, node: SimNode): void {
  for (const other of world.nodes) {
    if (!knows(node, other)) world.note('repair', order(node, meetCommand(other)));
  }
}

/**
 * Nodes that moved, or whose address somebody else had for a while, find each other by whoever still
 * knows where one of them is. Where nobody does, and nobody knows anybody who does, an operator has to
 * say it.
 */
function reunite(world: World): void {
  const [first, ...others] = groups(world.nodes);
  for (const [node] of others) world.note('repair', order(node, meetCommand(first[0])));
}

/** Nodes that can find each other, directly or by others. */
function groups(nodes: readonly SimNode[]): SimNode[][] {
  const left = new Set(nodes);
  const result: SimNode[][] = [];
  for (const start of nodes) {
    if (!left.delete(start)) continue;
    const group = [start];
    for (const node of group) {
      for (const other of left) {
        if (!canFind(node, other) && !canFind(other, node)) continue;
        left.delete(other);
        group.push(other);
      }
    }
    result.push(group);
  }
  return result;
}

/** Whether `a` knows `b`, and where it is. */
function canFind({ topology }: SimNode, { id, place }: SimNode): boolean {
  const row = topology.find(id);
  if (row === NO_NODE) return false;
  const { host, port } = topology.addressOf(row);
  return host === place.host && port === place.port;
}
