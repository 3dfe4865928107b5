// One round of the soak: a fault under load, the return of the node that it hit, and then the question whether all that
// was acknowledged is still there.

import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@slotmesh/machine';
import type { Write } from '../test/support/replicas/load/history.ts';
import { Load } from '../test/support/replicas/load/load.ts';
import type { Lineage } from '../test/support/replicas/oracle/lineage.ts';
import {
  doubtPresence,
  explainLoss,
  type Isolation,
} from '../test/support/replicas/oracle/losses.ts';
import { readBack } from '../test/support/replicas/oracle/read-back.ts';
import { Watcher } from '../test/support/replicas/oracle/watcher.ts';
import type { Member, ReplicaCluster, Shard } from '../test/support/replicas/replica-cluster.ts';
import { replicationState } from '../test/support/replicas/replication-state.ts';

/** What all rounds of a soak share. */
export interface SoakState {
  readonly cluster: ReplicaCluster;
  readonly lineage: Lineage;
  readonly random: Random;
  readonly isolations: Isolation[];
  readonly wait: boolean;
  readonly writers: number;
  readonly libraries: boolean;
  readonly minorityWindowMs: number;
  /** Writes of the rounds before that were there: they still must be, and nothing else of those rounds may. */
  standing: Write[];
}

/**
 * `kill`: kill -9. `pause`: SIGSTOP until it has been replaced, then SIGCONT. `lose`: the machine is lost, with what the
 * primary has sent to its replica in the moment before: of the three the one that loses writes.
 */
export type Fault = 'kill' | 'pause' | 'lose';
const FAULTS: readonly Fault[] = ['kill', 'pause', 'lose'];

export interface RoundReport {
  readonly round: number;
  readonly fault: Fault;
  readonly victimPort: number;
  /**
   * From the fault to the first write of its shard that the new primary took, whoever has confirmed it by then;
   * null: it took none in this round.
   */
  readonly recoveredMs: number | null;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly async: number;
  readonly minority: number;
  /** What has no permitted cause, a line each. */
  readonly unexplained: readonly string[];
}

/** Load goes on for at most so long before the fault, and between the new primary and the old one's return. */
const BEFORE_MS_MAX = 1500;
const AFTER_MS_MAX = 1500;
/** What a lost machine has sent for at most so long never arrives. */
const LAG_MS_MAX = 200;
/** Load of the returned node that must reach its replica, too. */
const TAIL_MS = 300;

export async function runRound(state: SoakState, round: number): Promise<RoundReport> {
  const { cluster, random, lineage } = state;
  const shard = cluster.shards[random.below(cluster.shards.length)];
  const fault = FAULTS[random.below(FAULTS.length)];
  const [beforeMs, afterMs, lagMs] = [
    random.below(BEFORE_MS_MAX),
    random.below(AFTER_MS_MAX),
    random.below(LAG_MS_MAX),
  ];

  const victim = await cluster.primaryOf(shard);
  if (victim === null) throw new Error(`the shard of slot ${shard.firstSlot} has no primary`);
  const watcher = new Watcher(cluster, lineage);
  const load = await Load.start(cluster, {
    prefix: `r${round}`,
    writers: state.writers,
    confirmations: state.wait ? cluster.replicasPerPrimary : 0,
    libraries: state.libraries,
  });
  let faultMs: number;
  let heir: Member;
  try {
    await delay(200 + beforeMs);
    if (fault === 'lose') await holdBack(cluster, victim, lagMs);
    faultMs = performance.now();
    if (fault === 'pause') cluster.pause(victim);
    else await cluster.kill(victim);
    if (fault === 'lose' && victim.seat !== null) cluster.network?.lose(victim.seat);
    cluster.network?.healAll();
    heir = await cluster.untilReplaced(victim);
    await delay(200 + afterMs);
    if (fault === 'pause') cluster.resume(victim);
    else await cluster.restart(victim);
    await cluster.untilSettled();
    await delay(TAIL_MS);
  } finally {
    await load.stop();
    await watcher.stop();
  }
  if (fault === 'pause') {
    const toMs = performance.now();
    state.isolations.push({ port: victim.server.port, fromMs: faultMs, toMs });
  }
  await cluster.untilSettled({ atRest: true });

  const { writes } = load.history;
  const findings = await examine(state, writes);
  const served = firstServed(writes, shard, heir, faultMs);
  return {
    ...{ round, fault, victimPort: victim.server.port },
    recoveredMs: served === null ? null : served - faultMs,
    acknowledged: load.history.count('acknowledged'),
    refused: load.history.count('refused'),
    unknown: load.history.count('unknown'),
    ...findings,
  };
}

/** What the primary sends to its replicas stays on the way. */
async function holdBack(cluster: ReplicaCluster, primary: Member, forMs: number): Promise<void> {
  for (const { seat } of cluster.shardOf(primary).members) {
    if (seat === null || primary.seat === null || seat === primary.seat) continue;
    cluster.network?.cut(primary.seat, seat);
  }
  await delay(forMs);
}

/** Reads everything back, and explains what is missing. The cluster is at rest. */
async function examine(
  state: SoakState,
  writes: readonly Write[],
): Promise<Pick<RoundReport, 'async' | 'minority' | 'unexplained'>> {
  const { cluster, lineage, isolations, minorityWindowMs } = state;
  const primaries = await cluster.primariesNow();
  const shards = cluster.shards.map((shard, i) => ({ shard, primary: primaries[i] }));
  const all = [...state.standing, ...writes];
  const { present, wrong } = await readBack(
    all,
    shards.map(({ shard, primary }) => ({ shard, primaryPort: primary.server.port })),
  );
  const unexplained = [...wrong, ...(await compareCopies(cluster))];
  const counts = { async: 0, minority: 0 };
  for (const { shard, primary } of shards) {
    const { stream } = await replicationState(primary.server);
    const ports = shard.members.map(({ server }) => server.port);
    const facts = { ports, finalStream: stream };
    for (const write of all) {
      if (write.outcome !== 'acknowledged') continue;
      if (write.slot < shard.firstSlot || write.slot > shard.lastSlot) continue;
      if (present.has(write)) {
        const doubt = doubtPresence(write, facts, { lineage });
        if (doubt !== null) unexplained.push(lineOfWrite(write, 'is there', doubt));
        continue;
      }
      const verdict = explainLoss(write, facts, {
        ...{ lineage, isolations, confirmed: state.wait, minorityWindowMs },
      });
      if (verdict.cause !== 'unexplained') counts[verdict.cause]++;
      else unexplained.push(lineOfWrite(write, 'is missing', verdict.reason));
    }
  }
  // What is lost is told once. What nobody knew to be there is followed as well: it is in the history.
  state.standing = all.filter((write) => present.has(write));
  return { ...counts, unexplained };
}

/** All members of a shard hold the same: by the digest of every key and value, and by their number. */
async function compareCopies(cluster: ReplicaCluster): Promise<string[]> {
  const lines: string[] = [];
  for (const { members, firstSlot } of cluster.shards) {
    const copies = await Promise.all(
      members.map(async ({ server }) => {
        const digest = await server.text('DEBUG', 'DIGEST');
        return `${digest} ${await server.text('DBSIZE')} keys`;
      }),
    );
    if (new Set(copies).size === 1) continue;
    const told = copies.map((copy, i) => `${members[i].server.address} ${copy}`);
    lines.push(`the copies of the shard of slot ${firstSlot} differ: ${told.join(', ')}`);
  }
  return lines;
}

function firstServed(
  writes: readonly Write[],
  shard: Shard,
  heir: Member,
  afterMs: number,
): number | null {
  let first = Number.POSITIVE_INFINITY;
  for (const { slot, port, offset, answeredMs } of writes) {
    // Who has answered with an offset has taken it.
    if (offset === null || port !== heir.server.port || answeredMs < afterMs) continue;
    if (slot >= shard.firstSlot && slot <= shard.lastSlot) first = Math.min(first, answeredMs);
  }
  return Number.isFinite(first) ? first : null;
}

function lineOfWrite(write: Write, what: string, reason: string): string {
  const { key, value, slot, port, offset, sentMs, answeredMs, reply } = write;
  const who = port === null ? 'a client library' : `the node on port ${port}`;
  const when = `sent at ${sentMs.toFixed(0)} ms, answered ${reply} at ${answeredMs.toFixed(0)} ms`;
  return `${value} under ${key} (slot ${slot}, offset ${offset}) ${what}: ${when} by ${who}; ${reason}`;
}
