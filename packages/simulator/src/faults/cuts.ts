// The ways in which a network falls apart that have broken clusters before. A cut has a direction.

import type { Dice } from '../random.ts';
import type { SimNode } from '../world/contract.ts';

export type CutMode = 'isolate' | 'halves' | 'bridge' | 'ring' | 'oneWay' | 'pair';

export const CUT_MODES: readonly CutMode[] = [
  'isolate',
  'halves',
  'bridge',
  'ring',
  'oneWay',
  'pair',
];

/** What the one sends does not reach the other. */
export type Cut = readonly [from: SimNode, to: SimNode];

/** For the log; the first few of them. */
export function describeCuts(cuts: readonly Cut[]): string {
  const ends = cuts.slice(0, 6).map(([from, to]) => `${from.index}>${to.index}`);
  return `${ends.join(' ')}${cuts.length > 6 ? '...' : ''}`;
}

/** The cuts of a mode; the order of the nodes says who is on which side. */
export function cutsOf(mode: CutMode, nodes: readonly SimNode[], dice: Dice): Cut[] {
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
