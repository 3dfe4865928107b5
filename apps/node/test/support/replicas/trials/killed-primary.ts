// How long a slot is not served when its primary is killed: from kill -9 to the first write that its replica acknowledges.

import { setTimeout as delay } from 'node:timers/promises';
import { keyForSlot } from '@slotmesh/crc16-slots';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';
import { Probe } from './probe.ts';

export interface KilledPrimaryOptions {
  /** How long the cluster is left alone before: another phase of the nodes' pings each time. */
  readonly leadMs: number;
  /** Which shard's primary. */
  readonly shard: number;
}

const SERVED_TIMEOUT_MS = 30_000;

/** Milliseconds. The killed node is started again, and the cluster is settled before and after. */
export async function killPrimary(
  cluster: ReplicaCluster,
  { leadMs, shard: index }: KilledPrimaryOptions,
): Promise<number> {
  const shard = cluster.shards[index];
  const primary = await cluster.primaryOf(shard);
  if (primary === null) throw new Error('there is no primary');
  const key = keyForSlot(shard.firstSlot, `killed:${process.hrtime.bigint()}:`);
  const replicas = shard.members.filter((one) => one !== primary);
  await delay(leadMs);
  const probes = replicas.map(({ server }) => new Probe(server.port, key));
  let servedMs: number;
  let killedMs: number;
  try {
    const served = Promise.race(probes.map((probe) => probe.nextAcknowledged()));
    killedMs = performance.now();
    await cluster.kill(primary);
    await cluster.untilReplaced(primary);
    await within(SERVED_TIMEOUT_MS, served);
    servedMs = Math.min(...probes.flatMap(({ rows }) => rows.map(({ fromMs }) => fromMs)));
  } finally {
    await Promise.all(probes.map((probe) => probe.stop()));
  }
  await cluster.restart(primary);
  await cluster.untilSettled({ atRest: true });
  return servedMs - killedMs;
}
