// Clients that write: each command goes to some node, follows its redirections, and counts where it
// was served.

import type { RouteRequest } from '@slotmesh/cluster-core';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Workload } from './workload.ts';

interface WritesOptions {
  /** Different slots that are written to. */
  readonly slots: number;
}

/** As client libraries have it. */
const REDIRECTIONS_MAX = 5;

export const writes: Workload<WritesOptions> = {
  name: 'writes',
  title: 'single-key writes that follow MOVED',
  everyMs: { min: 20, max: 500 },
  draw: (dice: Dice) => ({ slots: dice.between(1, 64) }),
  act(world: World, options: WritesOptions, dice: Dice) {
    const live = world.liveNodes();
    if (live.length === 0) return;
    const slot = (dice.below(options.slots) * 257) % SLOT_COUNT;
    write(world, dice.pick(live), requestFor(slot));
  },
};

function requestFor(slot: number): RouteRequest {
  return {
    slot,
    crossSlot: false,
    write: true,
    shardedPubSub: false,
    isMigrate: false,
    readonlyClient: false,
    asking: false,
    presence: null,
  };
}

function write(world: World, first: SimNode, request: RouteRequest): void {
  let node: SimNode | undefined = first;
  for (let hops = 0; hops <= REDIRECTIONS_MAX; hops++) {
    if (node === undefined || !node.isUp || node.isPaused) return;
    const route = node.route(request);
    if (route.kind === 'serve') {
      node.setKeys(request.slot, (node.keys.get(request.slot) ?? 0) + 1);
      world.ghost.acknowledgedWrites++;
      return;
    }
    if (route.kind !== 'moved') return;
    const { host, port } = node.topology.addressOf(route.node);
    node = world.nodes.find(({ place }) => place.host === host && place.port === port);
  }
}
