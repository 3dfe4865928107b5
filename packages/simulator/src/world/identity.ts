// Names and places of simulated nodes.

import type { Dice } from '../random.ts';
import type { Place } from './contract.ts';

/** 40 hex digits, as a node that starts for the first time takes for itself. */
export function newId(dice: Dice): string {
  let id = '';
  while (id.length < 40) id += dice.uint32().toString(16).padStart(8, '0');
  return id;
}

/** The n-th address of the simulated network, from 0. */
export function placeOf(n: number): Place {
  const host = `10.${n >>> 16}.${(n >>> 8) & 255}.${(n & 255) + 1}`;
  return { host, port: 7000 };
}
