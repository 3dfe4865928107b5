// One run before one's eyes: its event log, its trace as a file, and what came of it.

import type { SeedFailure } from '../run-seed.ts';
import { optionsWith, type Settings } from '../settings.ts';
import { type RunResult, Simulation } from '../simulation.ts';
import { RecentRecords } from '../trace/recent-records.ts';
import type { TraceSink } from '../trace/trace-sink.ts';
import { commandFor } from './arguments.ts';
import type { Context } from './context.ts';
import { EventPrinter, isNews } from './event-printer.ts';
import { writeTrace } from './files.ts';
import { breathe } from './output.ts';

/** So many of the last events are shown of a failure, and before them so many that are no messages. */
const LAST_EVENTS = 15;
const LAST_NEWS = 15;
const BATCH = 5000;

export interface OneRunParts {
  readonly seed: number;
  readonly settings: Settings;
  readonly log: 'all' | 'brief' | 'none';
  readonly trace: string | null;
}

/** Runs a seed and prints what is asked for. Gives whether nothing was found. */
export async function runOne(context: Context, parts: OneRunParts): Promise<boolean> {
  const { output, base } = context;
  const { seed, settings, log } = parts;
  const options = optionsWith(seed, settings, { base });
  const recent = new RecentRecords(LAST_EVENTS);
  const news = new RecentRecords(LAST_NEWS);
  const printer =
    log === 'none' ? null : new EventPrinter((...lines) => output.print(...lines), log);
  const file = parts.trace === null ? null : writeTrace(parts.trace, options);
  const trace = allOf([recent, newsOnly(news), printer, file?.writer ?? null]);
  const simulation = new Simulation(options, { trace });
  while (simulation.advance(BATCH)) await breathe();
  printer?.flush();
  const result = simulation.result();
  file?.end(result.hash);
  output.print(...summary(result));
  if (parts.trace !== null) output.print(`trace: ${parts.trace}`);
  if (result.failure === null) return true;
  const { failure } = result;
  const { error } = failure;
  const stack = failure.invariant === 'error' && error instanceof Error ? error.stack : null;
  tellFailure(context, parts, { ...failure, stack: stack ?? null });
  // All of them stand above already.
  if (log !== 'all') {
    output.print('', 'what happened last, without messages:', ...news.lines());
    output.print('', 'the last events:', ...recent.lines());
  }
  output.print('', 'to see it again:', `  ${commandFor(seed, settings, context.mutant)}`);
  return false;
}

function newsOnly(sink: TraceSink): TraceSink {
  return {
    record: (record) => {
      if (isNews(record)) sink.record(record);
    },
  };
}

function allOf(sinks: readonly (TraceSink | null)[]): TraceSink {
  const all = sinks.filter((sink) => sink !== null);
  return {
    record: (record) => {
      for (const sink of all) sink.record(record);
    },
  };
}

function summary(result: RunResult): string[] {
  const { seed, nodes, cluster, faults, operators, masked } = result.options;
  const names = faults.map(({ name }) => name).join(' ') || 'none';
  const converged = result.convergedMs === null ? 'not reached' : `${result.convergedMs} ms`;
  return [
    '',
    `seed ${seed}: ${nodes} nodes, node timeout ${cluster.nodeTimeoutMs} ms`,
    `faults: ${names}; operators: ${operators.actions.join(' ') || 'none'}` +
      (masked.length === 0 ? '' : `; ${masked.length} strikes left out`),
    `${(result.simulatedMs / 1000).toFixed(1)} simulated seconds, ${result.events} events, ` +
      `${result.messages} messages; agreement after the faults: ${converged}`,
    `hash ${result.hash}`,
  ];
}

/** Which rule, when, and where. */
export function tellFailure(
  { output }: Context,
  { seed }: { readonly seed: number },
  failure: SeedFailure,
): void {
  const { invariant, message, phase, atMs, event, stack } = failure;
  const at = `at ${(atMs / 1000).toFixed(3)} s (${phase}), event ${event}`;
  output.print('', `seed ${seed} FAILED: ${invariant} ${at}`, `  ${message}`);
  if (stack !== null) output.print(stack);
}
