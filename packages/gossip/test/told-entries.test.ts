import type { NodeIndex } from '@slotmesh/topology';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ToldEntries } from '../src/told-entries.ts';

const ADDRESSES = [1, 2].map((i) => ({
  host: `10.0.0.${i}`,
  port: 7000 + i,
  altPort: i,
  busPort: 17_000 + i,
}));

it('tells what is so now, by the same object as long as nothing has changed', () => {
  const facts = fc.record({
    row: fc.nat(3),
    node: fc.constantFrom('a', 'b'),
    address: fc.constantFrom(...ADDRESSES),
    pingSentS: fc.nat(1),
    pongReceivedS: fc.nat(1),
    flags: fc.nat(1),
  });
  fc.assert(
    fc.property(fc.array(facts), (all) => {
      const told = new ToldEntries();
      const latest = new Map<number, unknown>();
      for (const { row, node, address, pingSentS, pongReceivedS, flags } of all) {
        const former = latest.get(row);
        const index = row as NodeIndex;
        const entry = told.entry(index, node, address, pingSentS, pongReceivedS, flags);
        const wanted = { node, pingSentS, pongReceivedS, flags, ...address };
        expect(entry).toEqual(wanted);
        if (former !== undefined) {
          expect(entry === former).toBe(JSON.stringify(former) === JSON.stringify(entry));
        }
        latest.set(row, entry);
      }
    }),
  );
});
