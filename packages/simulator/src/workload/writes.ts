// Clients that write and delete keys, wherever they are sent. Each write makes a key of its own, so that whoever looks at
// the data later knows which writes are there. Some write several keys in a transaction, some wait for replicas.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Change } from '../data/data-set.ts';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { send } from './client.ts';
import type { Workload } from './workload.ts';

interface WritesOptions {
  /** Different slots that are written to. */
  readonly slots: number;
  /** How often a key is deleted. */
  readonly deletes?: number;
  /** How often several keys are written in one transaction. */
  readonly groups?: number;
  /** How often a client waits for so many replicas, at most so long. */
  readonly waits?: number;
  readonly waitReplicas?: number;
  readonly waitMs?: number;
}

export const writes: Workload<WritesOptions> = {
  name: 'writes',
  title: 'single-key writes that follow MOVED and ASK, transactions and WAIT',
  everyMs: { min: 20, max: 500 },
  draw: (dice: Dice) => ({
    slots: dice.between(1, 64),
    deletes: dice.fraction() * 0.5,
    groups: dice.chance(0.5) ? dice.fraction() * 0.5 : 0,
    waits: dice.chance(0.6) ? dice.fraction() : 0,
    waitReplicas: dice.between(1, 2),
    waitMs: Math.round(dice.logarithmic(50, 5000)),
  }),
  act(world: World, options: WritesOptions, dice: Dice) {
    const up = world.upNodes();
    if (up.length === 0) return;
    const slot = slotOf(dice.below(options.slots));
    const isDelete = dice.chance(options.deletes ?? 0);
    const size = dice.chance(options.groups ?? 0) ? dice.between(2, 4) : 1;
    const waits = dice.chance(options.waits ?? 0);
    const victim = dice.uint32();
    const served = (node: SimNode): void => {
      const changes = isDelete
        ? deletion(node, slot, victim)
        : Array.from({ length: size }, (): Change => {
            return { kind: 'add', slot, value: world.ghost.writes.nextValue() };
          });
      if (changes.length === 0) return;
      const position = node.perform(changes);
      world.ghost.writes.acknowledge(node, changes, position);
      if (waits) waitFor(world, node, { changes, offset: position.offset }, options);
    };
    send(world, dice.pick(up), { slot, write: true, readonlyClient: false, served }, dice);
  },
};

/** A key that is there; none where there is none. */
function deletion(node: SimNode, slot: number, victim: number): Change[] {
  const values = [...node.replicator.data.valuesOf(slot)].filter((value) => value > 0);
  if (values.length === 0) return [];
  return [{ kind: 'remove', slot, value: values[victim % values.length] }];
}

function waitFor(
  world: World,
  node: SimNode,
  { changes, offset }: { readonly changes: readonly Change[]; readonly offset: number },
  { waitReplicas = 1, waitMs = 1000 }: WritesOptions,
): void {
  const position = { id: node.replicator.machine.id, offset };
  node.replicator.wait(offset, waitReplicas, waitMs, (replicas) => {
    world.ghost.writes.answerWait(node, { changes, position, replicas });
  });
}

/** Slots that lie all over the table. */
export function slotOf(n: number): number {
  return (n * 257) % SLOT_COUNT;
}
