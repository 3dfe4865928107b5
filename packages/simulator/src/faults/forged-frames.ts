// Bytes of the bus that are not what a node has sent: flipped bits, wrong lengths, counts, types and
// versions, cut and doubled frames. They go through the decoder as a link's chunks do: it drops a
// packet, or gives the link up, or finds a message in it that is as good as any forged one.

import { BusDecodeError, BusDecoder } from '@slotmesh/cluster-bus';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';
import { connectionToLieOn, encoded, type LieTarget } from './forged-messages.ts';
import { forgedMessage } from './forgery.ts';

interface FramesOptions {
  readonly framesMax: number;
  /** Most changes of one frame. */
  readonly changesMax: number;
}

export const forgedFrames: Fault<FramesOptions> = {
  name: 'forged-frames',
  title: 'bytes of the bus that are no message, or another one than they were',
  everyMs: { min: 200, max: 10_000 },
  breaks: 'bus',
  draw: (dice: Dice) => ({ framesMax: dice.between(1, 10), changesMax: dice.between(1, 8) }),
  strike(world: World, options: FramesOptions, dice: Dice): Strike | null {
    const target = connectionToLieOn(world, dice);
    if (target === null) return null;
    const { receiver, peer } = target;
    const decoder = new BusDecoder();
    const outcomes: string[] = [];
    for (let left = dice.between(1, options.framesMax); left > 0; left--) {
      const frame = encoded(forgedMessage({ world, dice, receiver, peer }));
      if (frame === null) continue;
      decoder.push(spoiled(frame, options.changesMax, dice));
      if (!deliver(world, { decoder, target, outcomes })) break;
    }
    return { what: `${receiver.index}: ${outcomes.join(' ')}`, forMs: 0, undo: () => {} };
  },
};

interface Delivery {
  readonly decoder: BusDecoder;
  readonly target: LieTarget;
  /** What came of it, for the log. */
  readonly outcomes: string[];
}

/** As a link does it; false: the link is closed. */
function deliver(world: World, { decoder, target, outcomes }: Delivery): boolean {
  for (;;) {
    try {
      const message = decoder.next();
      if (message === undefined) return true;
      outcomes.push(message.kind);
      world.network.forge(target.connection, target.end, message);
    } catch (error) {
      if (!(error instanceof BusDecodeError)) throw error;
      outcomes.push(error.code);
      if (!error.closesLink) continue;
      world.network.reset(target.connection, 'both');
      return false;
    }
  }
}

/** Where the fields lie that lengths, counts and types are read from. */
const PREFIX_BYTES = 16;

function spoiled(frame: Uint8Array, changesMax: number, dice: Dice): Uint8Array {
  let bytes = frame;
  for (let left = dice.between(1, changesMax); left > 0; left--) {
    bytes = changed(bytes, dice);
    if (bytes.length === 0) break;
  }
  return bytes;
}

function changed(bytes: Uint8Array, dice: Dice): Uint8Array {
  const { length } = bytes;
  switch (dice.below(7)) {
    case 0:
      return bytes.slice(0, dice.below(length));
    case 1:
      return joined(bytes, bytes.subarray(dice.below(length)));
    case 2:
      return bytes.fill(dice.pick([0, 0xff]), dice.below(length));
    case 3:
    case 4:
      bytes[dice.below(Math.min(PREFIX_BYTES, length))] = dice.below(256);
      return bytes;
    default: {
      const bit = dice.below(length * 8);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      return bytes;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}
