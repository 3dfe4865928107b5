// A primary is cut off from all other nodes without a sound, while clients on both sides go on writing to a slot of its. Its
// replica is elected; how long the old one goes on acknowledging, and whether both ever do at once.

import { setTimeout as delay } from 'node:timers/promises';
import { keyForSlot } from '@slotmesh/crc16-slots';
import { SEPARATOR } from '../load/history.ts';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';
import { overlapMs, Probe } from './probe.ts';

export interface CutPrimaryOptions {
  /** How long both sides write before the cut: another phase of the nodes' pings each time. */
  readonly leadMs: number;
}

export interface CutPrimaryResult {
  /** From the cut to when the last write was sent that the isolated primary acknowledged before it refused one. */
  readonly isolatedMs: number;
  /** The same in node timeouts. */
  readonly isolatedTimeouts: number;
  /** From the cut to the first acknowledgement of the new primary. */
  readonly takenOverMs: number;
  /** How long both acknowledged writes to one slot, for certain; after the heal as well. */
  readonly overlapMs: number;
  /** Writes that the old primary acknowledged after the cut, and how many of them are there in the end. */
  readonly acknowledgedByIsolated: number;
  readonly survived: number;
}

/** So many node timeouts after the new primary's first write the network is healed. */
const HEALED_AFTER_TIMEOUTS = 0.5;
const SERVED_TIMEOUT_MS = 30_000;

/** Cuts off the primary of the first shard of a cluster that was started with `cuttable`; it is settled before and after. */
export async function cutPrimary(
  cluster: ReplicaCluster,
  { leadMs }: CutPrimaryOptions,
): Promise<CutPrimaryResult> {
  const { network, nodeTimeoutMs } = cluster;
  if (network === null) throw new Error('the cluster was not started with cuttable');
  const [shard] = cluster.shards;
  const primary = await cluster.primaryOf(shard);
  if (primary === null || primary.seat === null) throw new Error('there is no primary');
  const key = keyForSlot(shard.firstSlot, `cut:${process.hrtime.bigint()}:`);
  const replicas = shard.members.filter((one) => one !== primary);
  const isolated = new Probe(primary.server.port, key);
  const others = replicas.map(({ server }) => new Probe(server.port, key));
  let cutMs: number;
  try {
    await within(SERVED_TIMEOUT_MS, isolated.nextAcknowledged());
    await delay(leadMs);
    cutMs = performance.now();
    network.isolate(primary.seat);
    await cluster.untilReplaced(primary);
    const served = Promise.race(others.map((probe) => probe.nextAcknowledged()));
    await within(SERVED_TIMEOUT_MS, served);
    await delay(HEALED_AFTER_TIMEOUTS * nodeTimeoutMs);
    network.healAll();
    await cluster.untilSettled();
  } finally {
    network.healAll();
    await Promise.all([isolated, ...others].map((probe) => probe.stop()));
  }
  await cluster.untilSettled({ atRest: true });

  const heir = await cluster.primaryOf(shard);
  const left = new Set(String(await heir?.server.call('GET', key)).split(SEPARATOR));
  const late = isolated.acknowledged.filter(({ answeredMs }) => answeredMs > cutMs);
  // The row that went on over the cut; one that began later, after a heal, is overlap but not perseverance.
  const row = isolated.rows.find(({ fromMs, answeredMs }) => fromMs <= cutMs && answeredMs > cutMs);
  const isolatedMs = Math.max(0, (row?.toMs ?? cutMs) - cutMs);
  const otherRows = others.flatMap((probe) => probe.rows);
  return {
    isolatedMs,
    isolatedTimeouts: isolatedMs / nodeTimeoutMs,
    takenOverMs: Math.min(...otherRows.map(({ fromMs }) => fromMs)) - cutMs,
    overlapMs: overlapMs(isolated.rows, otherRows),
    acknowledgedByIsolated: late.length,
    survived: late.filter(({ value }) => left.has(value)).length,
  };
}
