// The program behind `npm run simulate`.

import { SettingsError } from '../settings.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { type Context, contextOf } from './context.ts';
import { helpText } from './help.ts';
import { runLostWrites } from './lost-writes.ts';
import { runOne } from './one-run.ts';
import { Output } from './output.ts';
import { runReplay } from './replaying.ts';
import { runSearch } from './search.ts';
import { runShrink } from './shrinking.ts';

const FOUND_NOTHING = 0;
const FOUND_SOMETHING = 1;
const WRONG_USAGE = 2;

async function main(words: readonly string[]): Promise<number> {
  const output = new Output();
  try {
    const context = contextOf(output, parseArguments(words));
    return (await run(context)) ? FOUND_NOTHING : FOUND_SOMETHING;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof SettingsError)) throw error;
    output.complain(`slotmesh: ${error.message}`);
    return WRONG_USAGE;
  }
}

/** Whether nothing was found. */
async function run(context: Context): Promise<boolean> {
  const { output, given, settings } = context;
  const { job, log, trace } = given;
  switch (job.kind) {
    case 'help':
      output.print(helpText());
      return true;
    case 'replay':
      return runReplay(context, job.file);
    case 'lostWrites':
      await runLostWrites(context, job);
      return true;
    case 'search':
      return runSearch(context, job);
    case 'seed': {
      const { seed } = job;
      const isFine = await runOne(context, { seed, settings, log, trace });
      if (isFine || !given.shrink) return isFine;
      const smaller = await runShrink(context, seed, settings);
      return runOne(context, { seed, settings: smaller, log: 'none', trace });
    }
    default:
      return job satisfies never;
  }
}

process.exitCode = await main(process.argv.slice(2));
