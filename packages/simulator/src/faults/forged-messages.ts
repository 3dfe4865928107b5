// Somebody on the bus lies: well-formed messages in another's name, with impossible epochs, slots of
// others, circles of replicas, news of failures and of newer configurations that never were. Tables
// may then say anything; but every table must still be one, no epoch may go back, and nothing throws.

import { BusEncodeError, decodeBusMessage, encodeBusMessage } from '@slotmesh/cluster-bus';
import type { Dice } from '../random.ts';
import type { Connection, SimNode, World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';
import { forgedMessage } from './forgery.ts';

interface ForgedOptions {
  /** Most messages of one strike. */
  readonly messagesMax: number;
}

export const forgedMessages: Fault<ForgedOptions> = {
  name: 'forged-messages',
  title: 'well-formed messages of the bus that no node has sent',
  everyMs: { min: 200, max: 10_000 },
  breaks: 'bus',
  draw: (dice: Dice) => ({ messagesMax: dice.between(1, 20) }),
  strike(world: World, options: ForgedOptions, dice: Dice): Strike | null {
    const target = connectionToLieOn(world, dice);
    if (target === null) return null;
    const { connection, end, receiver, peer } = target;
    const kinds: string[] = [];
    for (let left = dice.between(1, options.messagesMax); left > 0; left--) {
      const bytes = encoded(forgedMessage({ world, dice, receiver, peer }));
      if (bytes === null) continue;
      const message = decodeBusMessage(bytes);
      kinds.push(message.kind);
      world.network.forge(connection, end, message);
    }
    return { what: `${receiver.index} hears ${kinds.join(' ')}`, forMs: 0, undo: () => {} };
  },
};

/** A connection, and one end of it. */
export interface LieTarget {
  readonly connection: Connection;
  readonly end: 'from' | 'to';
  readonly receiver: SimNode;
  readonly peer: SimNode;
}

/** An open connection between nodes of the cluster; null if there is none. */
export function connectionToLieOn(world: World, dice: Dice): LieTarget | null {
  const open = world.network.connections().filter((one) => one.isOpen && one.channel === 'bus');
  if (open.length === 0) return null;
  const connection = dice.pick(open);
  const { from, to } = connection;
  return dice.chance(0.5)
    ? { connection, end: 'to', receiver: to, peer: from }
    : { connection, end: 'from', receiver: from, peer: to };
}

/** Null: the wire has no form for it. */
export function encoded(message: Parameters<typeof encodeBusMessage>[0]): Uint8Array | null {
  try {
    return encodeBusMessage(message);
  } catch (error) {
    if (error instanceof BusEncodeError) return null;
    throw error;
  }
}
