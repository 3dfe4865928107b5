import type { NodeIndex } from '@slotmesh/topology';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Picks } from '../src/picks.ts';

it('keeps each row once, in the order of the first pick, as a Set does', () => {
  const rounds = fc.array(fc.array(fc.nat(40), { maxLength: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(rounds, (all) => {
      const picks = new Picks();
      for (const rows of all) {
        picks.begin(Math.max(0, ...rows) + 1);
        for (const row of rows) picks.add(row as NodeIndex);
        const picked = Array.from({ length: picks.count }, (_, i) => picks.at(i));
        expect(picked).toEqual([...new Set(rows)]);
      }
    }),
  );
});
