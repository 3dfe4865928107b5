// The network falls apart: what crosses a cut waits until it is mended, and nobody is told. Cuts have
// a direction; the modes are those that have broken clusters before.

import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

type Mode = 'isolate' | 'halves' | 'bridge' | 'ring' | 'oneWay' | 'pair';
const MODES: readonly Mode[] = ['isolate', 'halves', 'bridge', 'ring', 'oneWay', 'pair'];

interface PartitionOptions {
  readonly modes: readonly Mode[];
  /** Longest cut, in node timeouts. */
  readonly timeoutsMax: number;
}

type Cut = readonly [from: SimNode, to: SimNode];

export const partition: Fault<PartitionOptions> = {
  name: 'partition',
  title: 'nodes cannot reach each other: one alone, halves, a bridge, a ring, one way only',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    modes: dice.sample(MODES, dice.between(1, MODES.length)),
    timeoutsMax: dice.logarithmic(0.5, 5),
  }),
  strike(world: World, options: PartitionOptions, dice: Dice): Strike | null {
    const { nodes, network } = world;
    if (nodes.length < 2) return null;
    const mode = dice.pick(options.modes);
    const cuts = cutsOf(mode, dice.shuffle(nodes), dice);
    const { nodeTimeoutMs } = world.options.cluster;
    for (const [from, to] of cuts) network.hold(from, to);
    const forMs = dice.logarithmic(0.05, options.timeoutsMax) * nodeTimeoutMs;
    const ends = cuts.slice(0, 6).map(([from, to]) => `${from.index}>${to.index}`);
    return {
      what: `${mode} ${ends.join(' ')}${cuts.length > 6 ? '...' : ''}`,
      forMs,
      undo: () => {
        for (const [from, to] of cuts) network.release(from, to);
      },
    };
  },
};

function cutsOf(mode: Mode, nodes: readonly SimNode[], dice: Dice): Cut[] {
  const size = nodes.length;
  const half = Math.max(1, size >> 1);
  switch (mode) {
    case 'isolate':
      return apart(nodes.slice(0, 1), nodes.slice(1));
    case 'halves':
      return apart(nodes.slice(0, half), nodes.slice(half));
    case 'bridge':
      // One node reaches both sides, which do not reach each other.
      return apart(nodes.slice(1, 1 + half), nodes.slice(1 + half));
    case 'ring':
      return ring(nodes);
    case 'oneWay': {
      const group = nodes.slice(0, dice.between(1, half));
      const rest = nodes.slice(group.length);
      return group.flatMap((from) => rest.map((to): Cut => [from, to]));
    }
    default:
      return apart(nodes.slice(0, 1), nodes.slice(1, 2));
  }
}

function apart(left: readonly SimNode[], right: readonly SimNode[]): Cut[] {
  return left.flatMap((a) =>
    right.flatMap((b): Cut[] => [
      [a, b],
      [b, a],
    ]),
  );
}

/** Each node reaches its two neighbours alone. */
function ring(nodes: readonly SimNode[]): Cut[] {
  const cuts: Cut[] = [];
  nodes.forEach((from, i) => {
    nodes.forEach((to, k) => {
      const distance = Math.abs(i - k);
      if (distance > 1 && distance < nodes.length - 1) cuts.push([from, to]);
    });
  });
  return cuts;
}
