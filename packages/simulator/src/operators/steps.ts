// What operators' actions share.

import type { OperatorCommand } from '@slotmesh/cluster-core';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NO_NODE } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { OperatorContext } from './operator.ts';

/** Slots of one command. */
export const SLOTS_MAX = 200;

/** Gives a node a command, and says how that went. */
export function order(node: SimNode, command: OperatorCommand): string {
  const { text } = node.execute(command);
  return `${node.index}: ${describeCommand(command)} -> ${text}`;
}

function describeCommand(command: OperatorCommand): string {
  const { kind, ...rest } = command;
  const fields = Object.values(rest).map((value) => {
    const text = String(value);
    return text.length > 24 ? `${text.slice(0, 21)}...` : text;
  });
  return [kind, ...fields].join(' ');
}

export function meetCommand({ place: { host, port } }: SimNode): OperatorCommand {
  return { kind: 'meet', host, port, busPort: port + 10_000 };
}

/** A node that answers, or null if there is none. */
export function anyNode({ dice, nodes }: OperatorContext): SimNode | null {
  const live = nodes();
  return live.length === 0 ? null : dice.pick(live);
}

/** Whether a node answers a tool just now. */
export function isThere(node: SimNode): boolean {
  return node.isUp && !node.isPaused;
}

/**
 * Nodes that are to be met: whoever lives at their address is of this cluster. A MEET that leads to
 * another cluster makes the two of them one, as it was ordered to.
 */
export function meetable({ world }: OperatorContext): SimNode[] {
  return world.nodes.filter(({ place }) => {
    return !world.strangers.some((one) => one.place.host === place.host);
  });
}

/** From now on `a` needs help to find `b` again. */
export function sever(world: World, a: SimNode, b: SimNode): void {
  if (a !== b) world.ghost.severed.add(`${a.index}>${b.index}`);
}

/** From now on a node and all others need help to find each other again. */
export function severFromAll(world: World, node: SimNode): void {
  for (const other of world.nodes) {
    sever(world, node, other);
    sever(world, other, node);
  }
}

/** Whether `a` has `b` in its table. */
export function knows(a: SimNode, b: SimNode): boolean {
  return a.topology.find(b.id) !== NO_NODE;
}

/** A run of neighbouring slots. */
export function someSlots(dice: Dice): number[] {
  const start = dice.below(SLOT_COUNT);
  const count = Math.min(dice.between(1, SLOTS_MAX), SLOT_COUNT - start);
  return Array.from({ length: count }, (_, k) => start + k);
}

/**
 * CLUSTER RESET. It takes a node out of its cluster, whatever the cluster thinks; what it owned is
 * nobody's, and a hard one leaves a name that nobody has.
 */
export function resetNode(world: World, node: SimNode, hard: boolean): string {
  const { id, topology } = node;
  for (const slot of topology.slotsOf(topology.self)) world.ghost.releasedSlots.add(slot);
  severFromAll(world, node);
  const done = order(node, { kind: 'reset', hard });
  if (node.id !== id) world.ghost.abandonedIds.add(id);
  return done;
}

/** Slots that have no owner in its table, in order. */
export function freeSlots({ topology }: SimNode): number[] {
  const slots: number[] = [];
  if (topology.assignedSlotCount === SLOT_COUNT) return slots;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (topology.ownerOf(slot) === NO_NODE) slots.push(slot);
  }
  return slots;
}
