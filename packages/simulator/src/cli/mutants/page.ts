// The page that lists the mutants, made from their data.

import { isScripted, type Mutant } from './mutant.ts';

const HEAD = `# Mutants

Real bugs, put back into a copy of the rules to see that the search finds them. The table is made from the data in
\`src/cli/mutants\`; \`SLOTMESH_REWRITE=1 npx vitest run packages/simulator/test/cli/mutants.test.ts\` writes it anew.

\`npm run simulate -- --mutant NAME --until-failure\` searches with one of them, and \`-- --mutants\` looks for all of them.
The tests do the same for those that are mostly found by the first seed, and for those that a script tells, and run the same
seeds with the rules as they are, which must find nothing.

"Seeds" is how many runs the search needs on average, and how many it may take at most when it begins at seed 1. A
mutant is found by any of the checks that are named; "error" is a rule that stops by itself. What happens too rarely for a
search is told by a script.
`;

const TAIL = `
## Adding one

One entry in a file of \`src/cli/mutants\`: where the bug was seen, what it breaks, which words of which source it
replaces by which (they must be there exactly once, so that a mutant that no longer fits fails loudly), and the script that
tells it, which is cheap, or the options in which a search finds it. \`-- --mutants --measure 10 NAME\` gives the mean number of seeds; four times as many are its limit.
`;

/** The whole page. */
export function mutantsPage(mutants: readonly Mutant[]): string {
  const rows = mutants.map((mutant) => {
    const { name, source, breaks, edits } = mutant;
    const files = [...new Set(edits.map(({ file }) => `\`${file.replace('/src/', '/')}\``))];
    const [found, seeds] = isScripted(mutant)
      ? [`script \`${mutant.script}\``, '']
      : [mutant.foundBy.join(', '), `${mutant.seedsMean} / ${mutant.seedsMax}`];
    return [`\`${name}\``, source, breaks, files.join(', '), found, seeds];
  });
  const table = [['name', 'source', 'what it breaks', 'in', 'found by', 'seeds'], ...rows];
  const lines = table.map((cells) => `| ${cells.join(' | ')} |`);
  lines.splice(1, 0, '|---|---|---|---|---|---|');
  return `${HEAD}\n${lines.join('\n')}\n${TAIL}`;
}
