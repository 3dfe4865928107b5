import { describe, expect, it } from 'vitest';
import {
  AssertionError,
  assert,
  type EffectSink,
  type StateMachine,
  seededRandom,
  unreachable,
} from '../src/index.ts';

describe('seeded randomness', () => {
  it('repeats itself from its seed, and differs with each word of it', () => {
    const draw = (...seed: [number, number?, number?, number?]): number[] => {
      const random = seededRandom(...seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    expect(draw(1, 2, 3, 4)).toEqual(draw(1, 2, 3, 4));
    const others = [draw(1), draw(2), draw(1, 5), draw(1, 2, 5), draw(1, 2, 3, 5)];
    expect(new Set(others.map(String)).size).toBe(5);
  });

  it('gives whole numbers over the whole range, evenly', () => {
    const random = seededRandom(42);
    const counts = new Array<number>(16).fill(0);
    let isInRange = true;
    for (let i = 0; i < 160_000; i++) {
      const value = random.uint32();
      isInRange &&= Number.isInteger(value) && value >= 0 && value < 2 ** 32;
      counts[Math.floor(value / 2 ** 28)]++;
    }
    expect(isInRange).toBe(true);
    // Chi-squared with 15 degrees of freedom: 37.7 is passed by one run in a thousand, and this run
    // is always the same.
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(37.7);
  });

  it('stays below a limit', () => {
    const random = seededRandom(7);
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) seen.add(random.below(6));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(random.below(1)).toBe(0);
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32);
  });
});

describe('assertions', () => {
  it('stop with a code', () => {
    expect(() => assert(true, 'never')).not.toThrow();
    expect(() => assert(false, 'two owners')).toThrow(AssertionError);
    try {
      assert(false, 'two owners');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ASSERTION',
        name: 'AssertionError',
        message: 'two owners',
      });
    }
    expect(() => unreachable({ kind: 'new' } as never)).toThrow('unreachable: {"kind":"new"}');
  });
});

describe('effect sinks', () => {
  it('of a parent with more effects take those of a child, and not the reverse', () => {
    type Child = { readonly kind: 'a' };
    type Parent = Child | { readonly kind: 'b' };
    const child: StateMachine<'tick', Child> = {
      step: (_nowMs, _input, effects) => effects.push({ kind: 'a' }),
    };
    const parentEffects: Parent[] = [];
    child.step(0, 'tick', parentEffects);
    expect(parentEffects).toEqual([{ kind: 'a' }]);

    const narrow: EffectSink<Child> = { push: () => 0 };
    // @ts-expect-error a sink of the child's effects cannot take all of the parent's
    const wide: EffectSink<Parent> = narrow;
    expect(wide).toBe(narrow);
  });
});
