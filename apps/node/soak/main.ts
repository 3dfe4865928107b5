// `npm run soak`, as a process.

import { HELP, parseArguments, UsageError } from './arguments.ts';
import { soak } from './soak.ts';

try {
  const options = parseArguments(process.argv.slice(2));
  if (options === null) {
    console.log(HELP);
  } else {
    const { unexplained } = await soak(options, (line) => console.log(line));
    // A client library that could not say goodbye goes on looking for its nodes, and would keep us for ever.
    process.exit(unexplained.length === 0 ? 0 : 1);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`slotmesh: ${error.message}`);
  process.exitCode = 2;
}
