import type { NodeIndex } from '@slotmesh/topology';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ToldEntries } from '../src/told-entries.ts';

const PLACE = { node: 'a', host: '10.0.0.1', port: 7000, altPort: 0, busPort: 17_000 };

it('gives what was told last, as long as that is so and all names are the same', () => {
  const facts = fc.record({
    row: fc.nat(40),
    isRenamed: fc.boolean(),
    pingSentS: fc.nat(1),
    pongReceivedS: fc.nat(1),
    flags: fc.nat(1),
  });
  fc.assert(
    fc.property(fc.array(facts), (all) => {
      const told = new ToldEntries();
      const latest = new Map<number, unknown>();
      let nameRevision = 0;
      for (const { row, isRenamed, ...numbers } of all) {
        if (isRenamed) {
          nameRevision++;
          latest.clear();
        }
        told.begin(nameRevision);
        const index = row as NodeIndex;
        const { pingSentS, pongReceivedS, flags } = numbers;
        const entry = told.entry(index, pingSentS, pongReceivedS, flags);
        const former = latest.get(row);
        const wanted = { ...PLACE, ...numbers };
        if (JSON.stringify(former) === JSON.stringify(wanted)) expect(entry).toBe(former);
        else {
          expect(entry).toBeUndefined();
          expect(told.set(index, wanted)).toBe(wanted);
          latest.set(row, wanted);
        }
        told.touch(Int32Array.of(row, 1000), 2);
      }
    }),
  );
});
