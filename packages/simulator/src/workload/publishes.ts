// Clients that publish. Each message is another one, so that whoever watches can tell them apart.

import type { Dice } from '../random.ts';
import type { Publication, World } from '../world/contract.ts';
import type { Workload } from './workload.ts';

interface PublishesOptions {
  /** How many go to shard channels. */
  readonly sharded: number;
}

const CHANNEL: Uint8Array = new TextEncoder().encode('numbered');

export const publishes: Workload<PublishesOptions> = {
  name: 'publishes',
  title: 'messages to channels of the cluster and of shards',
  everyMs: { min: 50, max: 2000 },
  draw: (dice: Dice) => ({ sharded: dice.fraction() * 0.5 }),
  act(world: World, options: PublishesOptions, dice: Dice) {
    const up = world.upNodes();
    if (up.length === 0) return;
    const node = dice.pick(up);
    const message = newMessage(dice);
    const sharded = dice.chance(options.sharded);
    node.whenRunning(() => node.publish(CHANNEL, message, sharded));
  },
};

/** Every node publishes, to all and to its shard. */
export function publishEverywhere(world: World): void {
  const dice = world.dice('workload/publish everywhere');
  for (const node of world.liveNodes()) {
    for (const sharded of [false, true]) node.publish(CHANNEL, newMessage(dice), sharded);
  }
}

/** Which message of these clients it is; null: not one of theirs. */
export function numberOf({ channel, message }: Publication): number | null {
  if (message.length !== 8 || channel.length !== CHANNEL.length) return null;
  if (channel.some((byte, i) => byte !== CHANNEL[i])) return null;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  // 53 random bits are enough to tell them apart.
  return view.getUint32(0) * 0x20_0000 + (view.getUint32(4) >>> 11);
}

function newMessage(dice: Dice): Uint8Array {
  const message = new Uint8Array(8);
  const view = new DataView(message.buffer);
  view.setUint32(0, dice.uint32());
  view.setUint32(4, dice.uint32());
  return message;
}
