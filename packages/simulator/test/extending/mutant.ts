import type { Mutant } from '../../src/cli/mutants/mutant.ts';

export const halfIsEnough: Mutant = {
  name: 'half-is-enough',
  source: 'no bug that was ever shipped',
  breaks: 'Half of the voters make a node failed.',
  edits: [
    {
      file: 'gossip/src/failure.ts',
      find: 'const quorum = Math.floor(context.voterCount() / 2) + 1;',
      replace: 'const quorum = Math.ceil(context.voterCount() / 2);',
    },
  ],
  options: { nodes: 4, voters: 4 },
  foundBy: ['A15'],
  seedsMean: 10,
  seedsMax: 40,
};
