// One case of the bench of growth in a process of its own, so that the memory of one size is not that
// of another: nodes, lease and number of seeds as arguments, figures as JSON on standard output.
// How far it is goes to standard error.

import { runScale } from './scale-cluster.ts';
import { medianFigures, type PhaseFigures, type ScaleCase } from './scale-figures.ts';

const [nodes, lease, seeds] = process.argv.slice(2);
const scaleCase: ScaleCase = { nodes: Number(nodes), lease: lease === 'on' ? 'on' : 'off' };
const tell = ({ phase, seconds }: PhaseFigures): void =>
  console.error(`${nodes} nodes, lease ${lease}, ${phase}: ${seconds} s`);
const runs = Array.from({ length: Number(seeds) }, (_, i) => runScale(scaleCase, i + 1, tell));
console.log(JSON.stringify(medianFigures(runs)));
