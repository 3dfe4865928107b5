// Makes a failing seed smaller, and says by how much.

import type { Settings } from '../settings.ts';
import { attempt } from '../shrink/attempt.ts';
import { type Attempt, shrink } from '../shrink/shrink.ts';
import type { Context } from './context.ts';
import { breathe } from './output.ts';

const ATTEMPTS_MAX = 500;

/** Gives the settings of the smallest run that fails as this one does, and prints how it went. */
export async function runShrink(
  context: Context,
  seed: number,
  settings: Settings,
): Promise<Settings> {
  const { output, base } = context;
  let attempts = 0;
  const run = (tried: Settings): Attempt => {
    attempts++;
    return attempt(seed, tried, { base });
  };
  const first = run(settings);
  if (first.failure === null) {
    output.print('there is no failure to be made smaller');
    return settings;
  }
  let best = first;
  let smallest = settings;
  for (const step of shrink({ settings, first, run, attemptsMax: ATTEMPTS_MAX })) {
    best = step.attempt;
    smallest = step.settings;
    output.progress.update(() => `shrinking: ${attempts} runs, ${sizeText(best)}`);
    await breathe();
  }
  output.print('', `made smaller in ${attempts} runs:`, ...comparison(first, best));
  return smallest;
}

function sizesOf({ faults, operators, workloads, nodes, strikes, events }: Attempt) {
  return [
    ['nodes', nodes],
    ['faults', faults.length],
    ["operators' actions", operators.length],
    ['kinds of clients', workloads.length],
    ['strikes and actions', new Set(strikes).size],
    ['events', events],
  ] as const;
}

function sizeText(one: Attempt): string {
  return sizesOf(one)
    .map(([name, size]) => `${size} ${name}`)
    .join(', ');
}

function comparison(before: Attempt, after: Attempt): string[] {
  const now = sizesOf(after);
  return sizesOf(before).map(([name, size], i) => {
    return `  ${name.padEnd(20)} ${String(size).padStart(9)} -> ${String(now[i][1]).padStart(9)}`;
  });
}
