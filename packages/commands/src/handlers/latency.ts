// LATENCY: events over the threshold, and how the times of commands are distributed.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Of, printedOf } from '../bytes.ts';
import type { CommandEntry } from '../catalog.ts';
import type { CommandContext } from '../context.ts';
import { replyWithHelp } from '../help.ts';
import type { LatencySample } from '../latency.ts';

/** Columns of a graph, and its rows. */
const GRAPH_WIDTH = 80;
const GRAPH_HEIGHT = 4;

export const latencyHelpCommand: typeof replyWithHelp = replyWithHelp;

export function latencyLatestCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { events } = context.observer.latency;
  reply.array(events.size);
  for (const [name, { samples, maxMs }] of events) {
    const last = samples[samples.length - 1];
    reply.array(4);
    reply.text(name);
    reply.integer(last.unixSeconds);
    reply.integer(last.milliseconds);
    reply.integer(maxMs);
  }
}

export function latencyHistoryCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const samples = context.observer.latency.events.get(latin1Of(args, 2))?.samples ?? [];
  reply.array(samples.length);
  for (const { unixSeconds, milliseconds } of samples) {
    reply.array(2);
    reply.integer(unixSeconds);
    reply.integer(milliseconds);
  }
}

export function latencyResetCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { events } = context.observer.latency;
  let count = 0;
  if (args.count === 2) {
    count = events.size;
    events.clear();
  }
  for (let i = 2; i < args.count; i++) if (events.delete(latin1Of(args, i))) count++;
  reply.integer(count);
}

export function latencyGraphCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const name = latin1Of(args, 2);
  const event = context.observer.latency.events.get(name);
  if (event === undefined) {
    context.error(`ERR No samples available for event '${printedOf(args, 2)}'`);
    return;
  }
  const samples = event.samples.slice(-GRAPH_WIDTH);
  const times = samples.map(({ milliseconds }) => milliseconds);
  const high = Math.max(...times);
  const low = Math.min(...times);
  const rows = [`${name}: ${low} to ${high} ms, all time ${event.maxMs} ms`];
  for (let row = GRAPH_HEIGHT - 1; row >= 0; row--) rows.push(graphRow(samples, row, low, high));
  reply.verbatim('txt', `${rows.join('\n')}\n`);
}

/** One line of bars, the topmost being the last row. */
function graphRow(
  samples: readonly LatencySample[],
  row: number,
  low: number,
  high: number,
): string {
  const step = Math.max(1, high - low) / GRAPH_HEIGHT;
  return samples.map(({ milliseconds }) => (milliseconds >= low + row * step ? '#' : ' ')).join('');
}

export function latencyDoctorCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { latencyThresholdMs } = context.settings;
  const { events } = context.observer.latency;
  const lines: string[] = [];
  if (latencyThresholdMs === 0) {
    lines.push(
      'Latency is not watched: set latency-monitor-threshold to the milliseconds from which on an ' +
        'event is worth a sample.',
    );
  } else if (events.size === 0) {
    lines.push(`Nothing has taken ${latencyThresholdMs} ms or more since the samples were reset.`);
  }
  for (const [name, { samples, maxMs }] of events) {
    const sum = samples.reduce((total, { milliseconds }) => total + milliseconds, 0);
    lines.push(
      `${name}: ${samples.length} samples, ${Math.round(sum / samples.length)} ms on average, ` +
        `${maxMs} ms at most.`,
    );
  }
  reply.verbatim('txt', `${lines.join('\n')}\n`);
}

export function latencyHistogramCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { stats, table } = context;
  const chosen: CommandEntry[] = [];
  if (args.count === 2) chosen.push(...table.all);
  for (let i = 2; i < args.count; i++) {
    const command = table.findFullName(args.buffer, args.starts[i], args.ends[i]);
    if (command === null) continue;
    chosen.push(command, ...(command.subcommands?.commands ?? []));
  }
  const shown = chosen.filter(({ id }) => stats.histograms[id] !== null);
  reply.map(shown.length);
  for (const { id, fullName } of shown) {
    const histogram = stats.histograms[id]!;
    // Fast commands are timed now and then; the calls between count as those that were.
    const scale = stats.calls[id] / histogram.total;
    const steps = [...histogram.doublings()];
    reply.text(fullName);
    reply.map(2);
    reply.text('calls');
    reply.integer(stats.calls[id]);
    reply.text('histogram_usec');
    reply.map(steps.length);
    for (const [microseconds, calls] of steps) {
      reply.integer(microseconds);
      reply.integer(Math.round(calls * scale));
    }
  }
}
