// The search: many seeds on all cores, up to a number, a time, or the first failure.

import { availableParallelism } from 'node:os';
import { optionsWith } from '../settings.ts';
import type { Job } from './arguments.ts';
import type { Context } from './context.ts';
import { runOne } from './one-run.ts';
import { runPool, type SeedTask } from './pool.ts';
import { runShrink } from './shrinking.ts';
import { Totals } from './totals.ts';

type SearchJob = Extract<Job, { readonly kind: 'search' }>;

/** Beyond that many, failing seeds are counted, and not told one by one. */
const FAILURES_TOLD = 20;
/** Built, it stands beside this file, whichever build that is. */
const WORKER = new URL('./worker.js', import.meta.url);

/** Searches, and prints what was found. Gives whether that is nothing. */
export async function runSearch(context: Context, job: SearchJob): Promise<boolean> {
  const { output, given, settings, base } = context;
  // What makes no run at all shall be said before there are threads.
  optionsWith(job.from, settings, { base });
  const jobs = Math.min(
    given.jobs ?? availableParallelism(),
    job.seeds ?? Number.POSITIVE_INFINITY,
  );
  const totals = new Totals();
  const startMs = performance.now();
  await runPool({
    worker: WORKER,
    jobs,
    next: tasksOf(context, job, startMs),
    done: (outcome) => {
      totals.add(outcome);
      if (outcome.failure !== null && totals.failures.length <= FAILURES_TOLD) {
        const { invariant, message } = outcome.failure;
        output.print(`seed ${outcome.seed}: ${invariant}: ${message}`);
      }
      output.progress.update(() => progressLine(totals, job, startMs));
      return outcome.failure === null || !job.untilFailure;
    },
  });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  output.print(...totals.lines(), `${seconds} s on ${jobs} ${jobs === 1 ? 'thread' : 'threads'}`);
  const [first] = totals.failures;
  if (first === undefined) {
    output.print('nothing was found');
    return true;
  }
  output.print(`${totals.failures.length} of ${totals.seeds} seeds failed; the first of them:`);
  const { seed } = first;
  if (first.failure?.invariant === 'A18') {
    output.print(`seed ${seed}: ${first.failure.message}`);
    return false;
  }
  const smaller = given.shrink ? await runShrink(context, seed, settings) : settings;
  await runOne(context, { seed, settings: smaller, log: 'none', trace: given.trace });
  return false;
}

function tasksOf(
  { settings, base }: Context,
  { from, seeds, minutes }: SearchJob,
  startMs: number,
): () => SeedTask | null {
  const endMs = minutes === null ? Number.POSITIVE_INFINITY : startMs + minutes * 60_000;
  const last = seeds === null ? Number.MAX_SAFE_INTEGER : from + seeds - 1;
  let seed = from;
  return () => {
    if (seed > last || performance.now() >= endMs) return null;
    return { seed: seed++, settings, base };
  };
}

function progressLine(totals: Totals, { seeds, minutes }: SearchJob, startMs: number): string {
  const elapsedS = (performance.now() - startMs) / 1000;
  const of = seeds === null ? '' : ` of ${seeds}`;
  const time = minutes === null ? '' : ` of ${minutes * 60}`;
  const hours = (totals.simulatedMs / 3_600_000).toFixed(1);
  const found = totals.failures.length === 0 ? 'nothing found' : `${totals.failures.length} FAILED`;
  return `${totals.seeds}${of} seeds, ${hours} simulated hours, ${elapsedS.toFixed(0)}${time} s, ${found}`;
}
