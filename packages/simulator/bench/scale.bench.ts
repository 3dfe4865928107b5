// How a cluster grows: what it takes to form, to find out that a tenth of it is lost, and to come to
// rest again, as there are more nodes.
//
// SLOTMESH_WRITE_DOCS=1 writes the figures, and their plot, to the docs. SLOTMESH_SCALE_NODES=10,30
// runs these sizes only; 1,000 nodes take 20 minutes, and are not among those that run by default.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { table } from '../../../scripts/bench-kit.ts';
import { runScale } from './scale-cluster.ts';
import {
  PHASES,
  parseFigures,
  replaceFigures,
  type ScaleCase,
  type ScaleFigures,
} from './scale-figures.ts';
import { scalePlot } from './scale-plot.ts';

const SIZES = [10, 30, 100, 300];
/** With leases every node pings every other one: above this size that takes too long here. */
const LEASE_NODES_MAX = 300;
/** Of small clusters, in which chance decides more, the median of several is told. */
const SEEDS_OF_SMALL = 5;
const SMALL_NODES_MAX = 30;

const PAGE = new URL('../docs/scale.md', import.meta.url);
const PLOT = new URL('../docs/scale.svg', import.meta.url);

export async function run({ quick }: { readonly quick: boolean }): Promise<void> {
  const parts: ScaleFigures[] = [];
  if (quick) parts.push(runScale({ nodes: 6, lease: 'on' }, 1));
  else for (const scaleCase of casesOf(sizes())) parts.push(await measure(scaleCase));
  const figures: ScaleFigures = {
    phases: parts.flatMap(({ phases }) => phases),
    runs: parts.flatMap(({ runs }) => runs),
  };
  assert.equal(figures.phases.length, figures.runs.length * PHASES.length);
  table(figures.phases.map((row) => ({ ...row })));
  console.log();
  table(figures.runs.map((row) => ({ ...row })));
  if (!quick && process.env.SLOTMESH_WRITE_DOCS === '1') await writeDocs(figures);
}

function sizes(): number[] {
  const wanted = process.env.SLOTMESH_SCALE_NODES;
  return wanted === undefined ? SIZES : wanted.split(',').map(Number);
}

function casesOf(wanted: readonly number[]): ScaleCase[] {
  const off = wanted.map((nodes): ScaleCase => ({ nodes, lease: 'off' }));
  const on = wanted.map((nodes): ScaleCase => ({ nodes, lease: 'on' }));
  return [...off, ...on.filter(({ nodes }) => nodes <= LEASE_NODES_MAX)];
}

/** Runs a case in a process of its own. */
async function measure({ nodes, lease }: ScaleCase): Promise<ScaleFigures> {
  const worker = fileURLToPath(new URL('./scale-worker.ts', import.meta.url));
  const seeds = nodes <= SMALL_NODES_MAX ? SEEDS_OF_SMALL : 1;
  // Nearly everything that a message needs is garbage soon: it should not be copied about before.
  const options = ['--max-semi-space-size=64', '--max-old-space-size=2600'];
  const args = [...process.execArgv, ...options, worker, `${nodes}`, lease, `${seeds}`];
  // What it says on the way goes to whoever waits: the largest take minutes.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const figures = await text(child.stdout);
  assert.notEqual(figures, '', `the run of ${nodes} nodes ended without figures`);
  return JSON.parse(figures) as ScaleFigures;
}

/** The figures of the cases that were measured, in place of those that the page has. */
async function writeDocs(figures: ScaleFigures): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const merged = mergeFigures(parseFigures(page), figures);
  await writeFile(PAGE, replaceFigures(page, merged));
  await writeFile(PLOT, scalePlot(merged));
}

function mergeFigures(former: ScaleFigures, now: ScaleFigures): ScaleFigures {
  const isKept = ({ nodes, lease }: ScaleCase): boolean =>
    !now.runs.some((one) => one.nodes === nodes && one.lease === lease);
  const order = (a: ScaleCase, b: ScaleCase): number =>
    a.lease.localeCompare(b.lease) || a.nodes - b.nodes;
  return {
    phases: [...former.phases.filter(isKept), ...now.phases].sort(order),
    runs: [...former.runs.filter(isKept), ...now.runs].sort(order),
  };
}
