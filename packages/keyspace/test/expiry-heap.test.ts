import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpiryHeap } from '../src/expiry-heap.ts';

const change = fc.oneof(
  fc.record({ op: fc.constant('add' as const), time: fc.nat(50) }),
  fc.record({ op: fc.constant('remove' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('change' as const), which: fc.nat(), time: fc.nat(50) }),
  fc.record({ op: fc.constant('relocate' as const), which: fc.nat() }),
);

test('knows the soonest and each entry its place, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const places = new Map<number, number>();
      const times = new Map<number, number>();
      const heap = new ExpiryHeap((ref, place) => places.set(ref, place));
      let nextRef = 1;
      for (const step of changes) {
        const refs = [...times.keys()];
        const ref = step.op === 'add' ? nextRef++ : refs[step.which % refs.length];
        if (ref === undefined) continue;
        if (step.op === 'add') {
          heap.add(ref, step.time);
          times.set(ref, step.time);
        } else if (step.op === 'remove') {
          heap.remove(places.get(ref)!);
          expect(places.get(ref)).toBe(-1);
          times.delete(ref);
        } else if (step.op === 'change') {
          heap.change(places.get(ref)!, step.time);
          times.set(ref, step.time);
        } else {
          const moved = nextRef++;
          heap.relocate(places.get(ref)!, moved);
          places.set(moved, places.get(ref)!);
          times.set(moved, times.get(ref)!);
          times.delete(ref);
        }
        expect(heap.size).toBe(times.size);
        if (heap.size > 0) expect(heap.timeAt(0)).toBe(Math.min(...times.values()));
        expect(heap.totalMs).toBe([...times.values()].reduce((sum, time) => sum + time, 0));
        for (const [held, time] of times) {
          expect(heap.refAt(places.get(held)!)).toBe(held);
          expect(heap.timeAt(places.get(held)!)).toBe(time);
        }
      }
    }),
  );
});

test('gives memory back', () => {
  const places = new Map<number, number>();
  const heap = new ExpiryHeap((ref, place) => places.set(ref, place));
  for (let i = 1; i <= 50_000; i++) heap.add(i, i);
  const full = heap.heldBytes;
  for (let i = 50_000; i > 100; i--) heap.remove(places.get(i)!);
  expect(heap.heldBytes).toBeLessThan(full / 4);
  expect(heap.timeAt(0)).toBe(1);
});
