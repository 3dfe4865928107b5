// The parts of the command line that have a life of their own: progress, totals, worker threads.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Losses, lostWritesPage, VARIANTS } from '../../src/cli/lost-writes.ts';
import { runPool } from '../../src/cli/pool.ts';
import { Progress } from '../../src/cli/progress.ts';
import { Totals } from '../../src/cli/totals.ts';
import type { SeedOutcome } from '../../src/run-seed.ts';

describe('progress', () => {
  const collect = (isTerminal: boolean) => {
    const written: string[] = [];
    const clock = { nowMs: 0 };
    const progress = new Progress({
      ...{ isTerminal, columns: 10, nowMs: () => clock.nowMs },
      write: (text) => written.push(text),
    });
    return { progress, written, clock };
  };

  it('rewrites one line on a terminal, no longer than it is wide, and takes it away', () => {
    const { progress, written, clock } = collect(true);
    progress.update(() => 'too early');
    progress.clear();
    expect(written).toEqual([]);
    clock.nowMs = 200;
    progress.update(() => '0123456789abc');
    progress.clear();
    progress.clear();
    expect(written).toEqual(['\r012345678\u001b[K', '\r\u001b[K']);
  });

  it('writes a plain line now and then elsewhere', () => {
    const { progress, written, clock } = collect(false);
    for (clock.nowMs = 0; clock.nowMs <= 25_000; clock.nowMs += 1000) {
      progress.update(() => `a plain line at ${clock.nowMs}`);
    }
    progress.clear();
    expect(written).toEqual(['a plain line at 10000\n', 'a plain line at 20000\n']);
  });
});

const OUTCOME: SeedOutcome = {
  ...{ seed: 1, hash: '', nodes: 3, events: 1000, messages: 500, simulatedMs: 3_600_000 },
  ...{ convergedMs: 1, acknowledgedWrites: 7, failure: null },
  strikes: [
    ['pause', 2],
    ['crash', 1],
  ],
  commands: [],
  lostWrites: [['async', 3]],
  writeOverlapMs: 5,
};

describe('totals', () => {
  it('add up, sorted by name', () => {
    const totals = new Totals();
    totals.add(OUTCOME);
    totals.add({ ...OUTCOME, simulatedMs: 1000, strikes: [['crash', 4]] });
    expect(totals.lines()).toEqual([
      '2 seeds, 1.0 simulated hours, 2,000 events, 1,000 messages, 14 writes acknowledged',
      'writes lost, by cause: async 6',
      'faults: crash 5, pause 2',
      'operators: none',
    ]);
    expect(totals.shortestMs).toBe(1000);
  });
});

describe('lost writes', () => {
  it('are those of runs that came to their end; others are counted', () => {
    const losses = new Losses({ lease: true, stallGuard: false });
    losses.add(OUTCOME);
    losses.add({ ...OUTCOME, writeOverlapMs: 1500, lostWrites: [['minority', 2]] });
    losses.add({ ...OUTCOME, writeOverlapMs: 0, lostWrites: [] });
    const failure = { invariant: 'C5', message: '', node: 0, atMs: 1, event: 1, stack: null };
    losses.add({ ...OUTCOME, failure: { ...failure, phase: 'faulty' } });
    const row = '| on | off | 21 | 5 | async 3, minority 2 | 2 runs, 1.5 s, max 1.5 s | C5 1 (1) |';
    expect(lostWritesPage([losses], { from: 1, seeds: 4 })).toContain(`\n${row}\n`);
  });

  it('are told in docs/lost-writes.md as the page is written', () => {
    const path = fileURLToPath(new URL('../../docs/lost-writes.md', import.meta.url));
    const isRow = (line: string): boolean => /^\| (on|off) /.test(line);
    const lines = readFileSync(path, 'utf8').split('\n');
    const page = lostWritesPage([], { from: 1, seeds: 100 });
    expect(lines.filter((line) => !isRow(line)).join('\n')).toBe(page);
    expect(lines.filter(isRow).length).toBe(VARIANTS.length);
  });
});

describe('the pool', () => {
  const worker = new URL('../../dist/cli/worker.js', import.meta.url);
  const tasksFor = (seeds: number, faults: readonly string[]) => {
    let seed = 0;
    const settings = { nodes: 3, faultyMs: 2000, faults };
    return () => (seed === seeds ? null : { seed: ++seed, settings, base: {} });
  };

  it('tells outcomes in the order of the tasks, and stops when it is told to', async () => {
    expect(existsSync(fileURLToPath(worker))).toBe(true);
    const told: number[] = [];
    await runPool({
      worker,
      jobs: 3,
      next: tasksFor(50, ['crash']),
      done: ({ seed }) => told.push(seed) < 9,
    });
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('rejects where a task makes no run, or a thread fails', async () => {
    const parts = { jobs: 2, done: () => true };
    const noRun = runPool({ ...parts, worker, next: tasksFor(5, ['flood']) });
    await expect(noRun).rejects.toThrow("there is no fault 'flood'");
    const nowhere = new URL('../../dist/cli/nowhere.js', import.meta.url);
    const noThread = runPool({ ...parts, worker: nowhere, next: tasksFor(5, []) });
    await expect(noThread).rejects.toThrow(/^seed [12]: the worker thread failed: /);
  });
});
