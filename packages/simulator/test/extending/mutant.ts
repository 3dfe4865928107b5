import type { Mutant } from '../../src/cli/mutants/mutant.ts';

export const halfIsEnough: Mutant = {
  name: 'half-is-enough',
  source: 'no bug that was ever shipped',
  breaks: 'Half of the voters make a node failed.',
  edits: [
    {
      file: 'gossip/src/failure.ts',
      find: '+ own < topology.census.majority) return;',
      replace: '+ own < Math.ceil(topology.census.voters / 2)) return;',
    },
  ],
  options: { nodes: 4, voters: 4 },
  foundBy: ['A15'],
  seedsMean: 10,
  seedsMax: 40,
};
