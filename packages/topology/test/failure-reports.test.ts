import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FailureReports } from '../src/failure-reports.ts';
import type { NodeIndex } from '../src/index.ts';

const DAY_MS = 86_400_000;

it('keeps times as a Map does, at any time and in any order', () => {
  const reporter = fc.nat(40);
  // Of one another's 24 days; the clock may begin anywhere.
  const offset = fc.integer({ min: -12 * DAY_MS, max: 12 * DAY_MS - 1 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), reporter, offset }),
    fc.record({ kind: fc.constant('delete' as const), reporter }),
    fc.record({ kind: fc.constant('drop' as const), offset }),
  );
  const start = fc.integer({ min: 0, max: 2 ** 42 });
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), (startMs, steps) => {
      const reports = new FailureReports();
      const model = new Map<number, number>();
      for (const one of steps) {
        if (one.kind === 'set') {
          const isNew = !model.has(one.reporter);
          expect(reports.set(one.reporter as NodeIndex, startMs + one.offset)).toBe(isNew);
          model.set(one.reporter, startMs + one.offset);
        } else if (one.kind === 'delete') {
          expect(reports.delete(one.reporter as NodeIndex)).toBe(model.delete(one.reporter));
        } else {
          reports.dropBefore(startMs + one.offset);
          for (const [row, ms] of model) if (ms < startMs + one.offset) model.delete(row);
        }
        expect(reports.size).toBe(model.size);
        expect([...reports.reporters()]).toEqual([...model.keys()].sort((a, b) => a - b));
      }
    }),
  );
});

it('knows an old report from new ones, and new ones from each other, after months', () => {
  const reports = new FailureReports();
  const startMs = 1_700_000_000_000;
  reports.set(1 as NodeIndex, startMs);
  reports.set(2 as NodeIndex, startMs + 100 * DAY_MS);
  reports.set(3 as NodeIndex, startMs + 100 * DAY_MS + 1);
  reports.dropBefore(startMs + 99 * DAY_MS);
  expect([...reports.reporters()]).toEqual([2, 3]);
  reports.dropBefore(startMs + 100 * DAY_MS + 1);
  expect([...reports.reporters()]).toEqual([3]);
});
