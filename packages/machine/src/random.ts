// Randomness that a machine may use: seeded from outside, so that a run repeats itself from its
// seed.

/** A source of random numbers that a machine is given. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
  /** A whole number from 0 to `limit - 1`; `limit` from 1 to 2^32. */
  below(limit: number): number;
}

/**
 * sfc32 (Chris Doty-Humphrey's small fast chaotic generator), seeded with four 32-bit words.
 * Not for secrets. The same seed gives the same numbers on every machine.
 */
export function seededRandom(a: number, b = 0x9e3779b9, c = 0x243f6a88, d = 0xb7e15162): Random {
  let counter = d | 1;
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  return { uint32, below: (limit) => Math.floor((uint32() / 0x1_0000_0000) * limit) };
}
