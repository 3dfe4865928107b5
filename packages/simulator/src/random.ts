// Random numbers of a run. Each consumer has a stream of its own, named, and split off the root
// seed: whoever draws more from one shifts no other, so that a fault that is left out, or an option
// that is set by hand, leaves the rest of the run as it was.

import { type Random, seededRandom } from '@slotmesh/machine';

/** The stream of that name: the same numbers for the same seed and name, on every machine. */
export function stream(seed: number, name: string): Dice {
  const [a, b, c, d] = words(seed, name);
  return new Dice(seededRandom(a, b, c, d));
}

/** Four words that depend on every bit of the seed (any number) and of the name. */
export function words(seed: number, name: string): [number, number, number, number] {
  const low = seed >>> 0;
  const high = Math.floor(seed / 0x1_0000_0000) >>> 0;
  const result: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < 4; i++) {
    let hash = mix(low ^ Math.imul(i + 1, 0x9e3779b1));
    hash = mix(hash ^ high);
    for (let k = 0; k < name.length; k++) hash = mix(hash ^ name.charCodeAt(k));
    result[i] = hash;
  }
  return result;
}

/** Spreads 32 bits over 32 bits, one to one. */
function mix(value: number): number {
  let v = value;
  v = Math.imul(v ^ (v >>> 16), 0x21f0aaad);
  v = Math.imul(v ^ (v >>> 15), 0x735a2d97);
  return (v ^ (v >>> 15)) >>> 0;
}

/** A stream of random numbers, with the questions that a simulation asks of one. */
export class Dice implements Random {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  uint32(): number {
    return this.#random.uint32();
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  /** From 0 up to, and without, 1. */
  fraction(): number {
    return this.#random.uint32() / 0x1_0000_0000;
  }

  /** True that often: 0 = never, 1 = always. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.#random.below(max - min + 1);
  }

  /** From `min` up to `max`, small values as likely as large ones: each doubling has its share. */
  logarithmic(min: number, max: number): number {
    return min * (max / min) ** this.fraction();
  }

  /** A waiting time with that mean, in its unit; not whole. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.fraction());
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)];
  }

  /** `count` different ones of a list (all of them, if there are fewer), in a random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    const size = Math.min(count, left.length);
    for (let i = 0; i < size; i++) {
      const k = i + this.#random.below(left.length - i);
      [left[i], left[k]] = [left[k], left[i]];
    }
    return left.slice(0, size);
  }

  /** All of a list in a random order. */
  shuffle<T>(list: readonly T[]): T[] {
    return this.sample(list, list.length);
  }
}
