// The soak: round after round of faults on one cluster, with totals at the end. Which primary, which fault and when
// follows from the seed; what the machine makes of it does not, so a finding may need several runs to come again.

import { seededRandom } from '@slotmesh/machine';
import { median } from '../../../scripts/bench-kit.ts';
import { redisServer } from '../test/interop/support/server-process.ts';
import { Lineage } from '../test/support/replicas/oracle/lineage.ts';
import { ReplicaCluster } from '../test/support/replicas/replica-cluster.ts';
import type { SoakArguments } from './arguments.ts';
import { type RoundReport, runRound, type SoakState } from './round.ts';

export interface SoakReport {
  readonly rounds: readonly RoundReport[];
  readonly acknowledged: number;
  readonly async: number;
  readonly minority: number;
  readonly unexplained: readonly string[];
}

/** So many rounds' keys are kept and asked for again; then the nodes are emptied. */
const ROUNDS_KEPT = 5;
const SHOWN_MAX = 20;
/** Of each node, where a round cannot be brought to its end, or lost what nothing explains. */
const LOG_LINES = 25;

/** Runs the rounds and tells of each by `say`, a line at a time. */
export async function soak(
  options: SoakArguments,
  say: (line: string) => void,
): Promise<SoakReport> {
  const { kind, nodeTimeoutMs, directives, seed } = options;
  const endMs = performance.now() + (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const cluster = await ReplicaCluster.start({
    ...{ kind, nodeTimeoutMs, args: directives, cuttable: true },
  });
  const rounds: RoundReport[] = [];
  let broken: string | null = null;
  try {
    const state: SoakState = {
      ...{ cluster, lineage: new Lineage(), random: seededRandom(seed), isolations: [] },
      ...{ wait: options.wait, writers: options.writers, libraries: options.libraries },
      // Ours serves writes only while it holds a lease, which is shorter than a node timeout.
      minorityWindowMs: kind === redisServer ? Number.POSITIVE_INFINITY : nodeTimeoutMs,
      standing: [],
    };
    say(`${kind.name}, 3 primaries with a replica each, node timeout ${nodeTimeoutMs} ms`);
    for (let round = 1; round <= options.rounds && performance.now() < endMs; round++) {
      let report: RoundReport;
      try {
        report = await runRound(state, round);
      } catch (error) {
        // Nobody has taken over, or the nodes do not come to agree: that is no less a finding than a loss.
        broken = `round ${round}: ${(error as Error).message}`;
        say(broken);
        for (const line of lastWords(cluster)) say(line);
        break;
      }
      rounds.push(report);
      say(lineOf(report, options.rounds));
      for (const line of report.unexplained.slice(0, SHOWN_MAX)) say(`  ${line}`);
      if (report.unexplained.length > 0) for (const line of lastWords(cluster)) say(`  ${line}`);
      if (round % ROUNDS_KEPT === 0) await empty(state);
    }
  } finally {
    await cluster.dispose();
  }
  const report = totals(rounds, broken);
  for (const line of summary(report, options)) say(line);
  return report;
}

async function empty(state: SoakState): Promise<void> {
  for (const { server } of await state.cluster.primariesNow()) await server.call('FLUSHALL');
  await state.cluster.untilSettled({ atRest: true });
  state.standing = [];
}

function lineOf(report: RoundReport, rounds: number): string {
  const { round, fault, victimPort, recoveredMs, acknowledged, unknown } = report;
  const { async, minority, unexplained } = report;
  // With a limit of time there are as many rounds as there are.
  const which = `${round}`.padStart(Math.min(4, `${rounds}`.length));
  return [
    `round ${which}  ${fault.padEnd(5)} of ${victimPort}`,
    recoveredMs === null ? 'no write came back' : `recovered in ${seconds(recoveredMs)} s`,
    `${acknowledged} acknowledged, ${unknown} unknown`,
    `lost: ${async} async, ${minority} minority, ${unexplained.length} unexplained`,
  ].join('  ');
}

/** The end of every node's log. */
function* lastWords(cluster: ReplicaCluster): Generator<string> {
  for (const { server, id } of cluster.members) {
    yield `  ${server.address} ${id}${server.isRunning ? '' : ', not running'}`;
    for (const line of server.log().trimEnd().split('\n').slice(-LOG_LINES)) yield `    ${line}`;
  }
}

function totals(rounds: readonly RoundReport[], broken: string | null): SoakReport {
  const sum = (of: (report: RoundReport) => number): number =>
    rounds.reduce((total, report) => total + of(report), 0);
  return {
    rounds,
    acknowledged: sum((report) => report.acknowledged),
    async: sum((report) => report.async),
    minority: sum((report) => report.minority),
    unexplained: [
      ...rounds.flatMap((report) => report.unexplained),
      ...(broken === null ? [] : [broken]),
    ],
  };
}

function* summary(report: SoakReport, { seed, wait }: SoakArguments): Generator<string> {
  const { rounds, acknowledged, async, minority, unexplained } = report;
  const times = rounds.flatMap(({ recoveredMs }) => recoveredMs ?? []);
  yield `${rounds.length} rounds, seed ${seed}${wait ? ', confirmed by WAIT' : ''}: ` +
    `recovered in ${seconds(median(times))} s (median), ${seconds(Math.max(...times))} s at most`;
  yield `${acknowledged} writes acknowledged; lost: ${async} async, ${minority} minority, ` +
    `${unexplained.length} unexplained`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
