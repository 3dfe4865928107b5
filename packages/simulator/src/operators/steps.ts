// What operators' actions share.

import type { OperatorCommand } from '@slotmesh/cluster-core';
import { NO_NODE } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { OperatorContext } from './operator.ts';

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

/** From now on `a` needs help to find `b` again. */
export function sever(world: World, a: SimNode, b: SimNode): void {
  if (a !== b) world.ghost.severed.add(`${a.index}>${b.index}`);
}

/** Whether `a` has `b` in its table. */
export function knows(a: SimNode, b: SimNode): boolean {
  return a.topology.find(b.id) !== NO_NODE;
}
