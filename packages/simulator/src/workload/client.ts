// A client on its way through the cluster: it sends a command to some node, and follows where it is
// sent. Each step takes its time, and a node that stands still reads the command when it runs again.

import type { RouteRequest } from '@slotmesh/cluster-core';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { requestFor } from './request.ts';

/** Redirections after which client libraries give up. */
const REDIRECTIONS_MAX = 5;

export interface Command {
  readonly slot: number;
  readonly write: boolean;
  /** The client has sent READONLY on all its connections. */
  readonly readonlyClient: boolean;
  /** It was served there. */
  readonly served: (node: SimNode) => void;
}

/** Sends a command to a node, from where it goes on. */
export function send(world: World, first: SimNode, command: Command, dice: Dice): void {
  step(world, first, command, dice, false, REDIRECTIONS_MAX);
}

function step(
  world: World,
  node: SimNode,
  command: Command,
  dice: Dice,
  asking: boolean,
  redirections: number,
): void {
  const { minMs, meanMs } = world.network.delay;
  const read = (): void => {
    const route = node.route(requestAt(node, command, asking));
    if (route.kind === 'serve') command.served(node);
    else if (route.kind === 'moved' || route.kind === 'ask') {
      const { host, port } = node.topology.addressOf(route.node);
      const next = world.nodes.find(({ place }) => place.host === host && place.port === port);
      if (next === undefined || redirections === 0) return;
      step(world, next, command, dice, route.kind === 'ask', redirections - 1);
    }
  };
  world.after(minMs + dice.exponential(meanMs), () => {
    if (command.write) node.whenWritable(read);
    else node.whenRunning(read);
  });
}

function requestAt(
  node: SimNode,
  { slot, write, readonlyClient }: Command,
  asking: boolean,
): RouteRequest {
  const presence = { keyCount: 1, missingCount: () => (node.keys.has(slot) ? 0 : 1) };
  return requestFor(slot, { write, readonlyClient, asking, presence });
}
