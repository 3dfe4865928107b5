// What becomes of writes that wait in the sockets of a primary that stands still, while its replica takes over: when it
// goes on, it reads them before it can have heard from anybody. Acknowledging them promises what is already lost.

import { keyForSlot } from '@slotmesh/crc16-slots';
import { type Reply, RespConnection } from '../../../interop/support/resp-connection.ts';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';

export interface PausedPrimaryOptions {
  /** Connections, and writes that wait on each. */
  readonly connections?: number;
  readonly writesPerConnection?: number;
}

export interface PausedPrimaryResult {
  readonly queued: number;
  /** Answered by OK. */
  readonly acknowledged: number;
  /** Of these, how many are there when all is settled. */
  readonly survived: number;
  /** Answered by an error, the connection's end included. */
  readonly refused: number;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** Pauses the primary of the first shard; the cluster is settled before and after. */
export async function pausePrimary(
  cluster: ReplicaCluster,
  options: PausedPrimaryOptions = {},
): Promise<PausedPrimaryResult> {
  const { connections: count = 16, writesPerConnection = 10 } = options;
  const [shard] = cluster.shards;
  const victim = await cluster.primaryOf(shard);
  if (victim === null) throw new Error('there is no primary');
  const connections: RespConnection[] = [];
  for (let i = 0; i < count; i++) connections.push(await RespConnection.open(victim.server.port));
  for (const connection of connections) await connection.call('PING');
  const run = process.hrtime.bigint();
  const keys = Array.from({ length: count * writesPerConnection }, (_, i) =>
    keyForSlot(shard.firstSlot + (i % (shard.lastSlot - shard.firstSlot)), `paused:${run}:${i}:`),
  );

  cluster.pause(victim);
  let replies: (Reply | Error)[];
  try {
    const answers = connections.map((connection, c) => {
      const own = keys.slice(c * writesPerConnection, (c + 1) * writesPerConnection);
      return connection.callAll(own.map((key) => ['SET', key, key]));
    });
    await cluster.untilReplaced(victim);
    cluster.resume(victim);
    replies = (await within(ANSWER_TIMEOUT_MS, Promise.all(answers))).flat();
  } finally {
    cluster.resume(victim);
    for (const connection of connections) connection.close();
  }

  await cluster.untilSettled({ atRest: true });
  const heir = await cluster.primaryOf(shard);
  if (heir === null || heir === victim) throw new Error('nobody has taken over');
  const acknowledged = keys.filter((_, i) => replies[i] === 'OK');
  let survived = 0;
  for (const key of acknowledged) if ((await heir.server.call('GET', key)) === key) survived++;
  return {
    queued: keys.length,
    acknowledged: acknowledged.length,
    survived,
    refused: keys.length - acknowledged.length,
  };
}
