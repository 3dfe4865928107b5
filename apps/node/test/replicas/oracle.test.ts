// The judge is judged: what it must accuse, what it must not, on streams made by hand and on a real cluster that loses
// something behind its back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { redisServer } from '../interop/support/server-process.ts';
import type { Write } from '../support/replicas/load/history.ts';
import { Load } from '../support/replicas/load/load.ts';
import { Lineage, offsetBoundAfter, type Sighting } from '../support/replicas/oracle/lineage.ts';
import {
  doubtPresence,
  explainLoss,
  type OracleOptions,
} from '../support/replicas/oracle/losses.ts';
import { readBack } from '../support/replicas/oracle/read-back.ts';
import { Watcher } from '../support/replicas/oracle/watcher.ts';
import { ReplicaCluster } from '../support/replicas/replica-cluster.ts';
import { parseReplicationState, replicationState } from '../support/replicas/replication-state.ts';

/** A node answers at some time; the question was asked just before. */
function seen(at: number, port: number, stream: string, more: Partial<Sighting> = {}): Sighting {
  const times = { askedMs: at - 1, answeredMs: at };
  return { port, role: 'primary', stream, offset: at, parent: null, ...times, ...more };
}

function write(more: Partial<Write>): Write {
  return {
    ...{ writer: 'w', slot: 0, key: 'k', value: 'v', kind: 'set', outcome: 'acknowledged' },
    ...{ sentMs: 49, answeredMs: 50, port: 1, offset: 500, reply: 'OK' },
    ...more,
  };
}

/** Node 1 writes stream a until 100; node 2 goes on from its byte 600 with stream b; node 1 follows it from 200 on. */
function failover(): Lineage {
  const lineage = new Lineage();
  lineage.note(seen(10, 1, 'a', { offset: 100 }));
  lineage.note(seen(10, 2, 'a', { role: 'replica' }));
  lineage.note(seen(100, 1, 'a', { offset: 700 }));
  const parent = { stream: 'a', lastOffset: 600 };
  lineage.note(seen(150, 2, 'b', { parent, offset: 650 }));
  lineage.note(seen(200, 1, 'b', { role: 'replica' }));
  return lineage;
}

const shard = { ports: [1, 2], finalStream: 'b' };

describe('a loss', () => {
  const options: OracleOptions = {
    ...{ lineage: failover(), isolations: [], confirmed: false },
    minorityWindowMs: Number.POSITIVE_INFINITY,
  };
  const causeOf = (more: Partial<Write>, other: Partial<OracleOptions> = {}): string =>
    explainLoss(write(more), shard, { ...options, ...other }).cause;

  it('is asynchronous from the byte on that the promoted replica did not have', () => {
    expect(causeOf({ offset: 601 })).toBe('async');
    expect(causeOf({ offset: 600 })).toBe('unexplained');
    expect(explainLoss(write({ offset: 600 }), shard, options)).toMatchObject({
      reason: 'its offset 600 of stream a was on the promoted replica: 600',
    });
  });

  it('is unexplained at the primary that stayed', () => {
    expect(causeOf({ port: 2, answeredMs: 180, offset: 1e9 })).toBe('unexplained');
  });

  it('is unexplained where the node was no primary, or its data came to nobody', () => {
    expect(causeOf({ answeredMs: 250, offset: 1e9 })).toBe('unexplained');
    expect(causeOf({ port: 3, offset: 1e9 })).toBe('unexplained');
    const strange = explainLoss(write({ offset: 1e9 }), { ...shard, finalStream: 'c' }, options);
    expect(strange).toMatchObject({ reason: 'the data at the end does not come from stream a' });
  });

  it('is the minority when it was acknowledged in isolation, for as long as that is allowed', () => {
    const isolations = [{ port: 1, fromMs: 40, toMs: 200 }];
    expect(causeOf({ offset: 601 }, { isolations })).toBe('minority');
    expect(causeOf({ offset: 601 }, { isolations, minorityWindowMs: 10 })).toBe('minority');
    expect(causeOf({ offset: 601 }, { isolations, minorityWindowMs: 9 })).toBe('unexplained');
    expect(causeOf({ offset: 601, answeredMs: 40 }, { isolations })).toBe('async');
    // Isolation excuses nothing that the replica had.
    expect(causeOf({ offset: 600 }, { isolations })).toBe('unexplained');
  });

  it('has no excuse where every replica confirmed it', () => {
    expect(causeOf({ offset: 601 }, { confirmed: true })).toBe('unexplained');
  });

  it('of a client that tells neither node nor offset is held to what was seen right after it', () => {
    // The stream was at 100 at the latest when it was asked at 9, and at 700 when it was asked at 99.
    expect(causeOf({ port: null, offset: null, answeredMs: 8 })).toBe('unexplained');
    expect(causeOf({ port: null, offset: null, answeredMs: 50 })).toBe('async');
  });
});

describe('a write that is there', () => {
  const lineage = failover();
  const doubt = (more: Partial<Write>) => doubtPresence(write(more), shard, { lineage });

  it('must have been on the promoted replica, or an offset is wrong', () => {
    expect(doubt({ offset: 600 })).toBeNull();
    expect(doubt({ offset: 601 })).toBe(
      'its offset 601 of stream a was not on the promoted replica: 600',
    );
    expect(doubt({ port: 2, answeredMs: 180, offset: 1e9 })).toBeNull();
    expect(doubtPresence(write({}), { ...shard, finalStream: 'c' }, { lineage })).toContain(
      'does not come from stream a',
    );
  });

  it('is not doubted where it cannot be known', () => {
    expect(doubt({ offset: null })).toBeNull();
    expect(doubt({ port: null, offset: 1e9 })).toBeNull();
    expect(doubt({ port: 3, offset: 1e9 })).toBeNull();
  });
});

describe('streams', () => {
  it('share what the least of the promotions between them left', () => {
    const lineage = failover();
    lineage.note(seen(300, 1, 'c', { parent: { stream: 'b', lastOffset: 900 } }));
    expect(lineage.sharedUntil('c', 'c')).toBe(Number.POSITIVE_INFINITY);
    expect(lineage.sharedUntil('b', 'c')).toBe(900);
    expect(lineage.sharedUntil('a', 'c')).toBe(600);
    expect(lineage.sharedUntil('c', 'a')).toBeNull();
    expect(lineage.sharedUntil('x', 'c')).toBeNull();
  });

  it('end in a loop nowhere', () => {
    const lineage = new Lineage();
    lineage.note(seen(1, 1, 'a', { parent: { stream: 'b', lastOffset: 1 } }));
    lineage.note(seen(2, 2, 'b', { parent: { stream: 'a', lastOffset: 1 } }));
    expect(lineage.sharedUntil('x', 'a')).toBeNull();
  });

  it('belong to a node from when it was asked before, until it is seen with another', () => {
    const lineage = failover();
    const at = (port: number, ms: number) => lineage.tenuresAt(port, ms).map((one) => one.stream);
    expect([at(2, 8), at(2, 9), at(2, 1e6)]).toEqual([[], ['b'], ['b']]);
    expect([at(1, 0), at(1, 200), at(1, 201)]).toEqual([['a'], ['a'], []]);
    // A node that was killed and comes back begins another stream before it is told that it is a replica.
    lineage.note(seen(300, 2, 'z'));
    expect(at(2, 250)).toEqual(['b', 'z']);
  });

  it('bound an offset by the first sample that was asked for later', () => {
    const [tenure] = failover().tenuresAt(1, 50);
    expect(offsetBoundAfter(tenure, 9)).toBe(100);
    expect(offsetBoundAfter(tenure, 10)).toBe(700);
    expect(offsetBoundAfter(tenure, 100)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('INFO replication', () => {
  const lines = (more: Record<string, string | number>): string =>
    Object.entries({
      ...{ role: 'master', connected_slaves: 1, master_replid: 'a'.repeat(40) },
      ...{ master_replid2: '0'.repeat(40), master_repl_offset: 70, second_repl_offset: -1 },
      ...more,
    })
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n');

  it('is taken apart', () => {
    expect(parseReplicationState(lines({}))).toEqual({
      ...{ role: 'primary', stream: 'a'.repeat(40), offset: 70, parent: null },
      ...{ linkUp: false, replicas: 1 },
    });
    const promoted = lines({ master_replid2: 'b'.repeat(40), second_repl_offset: 51 });
    expect(parseReplicationState(promoted).parent).toEqual({
      ...{ stream: 'b'.repeat(40), lastOffset: 50 },
    });
    const replica = { role: 'slave', slave_repl_offset: 60, master_link_status: 'up' };
    const syncing = lines({ ...replica, master_sync_in_progress: 1 });
    expect(parseReplicationState(syncing)).toMatchObject({ offset: 60, linkUp: false });
    const synced = lines({ ...replica, master_sync_in_progress: 0 });
    expect(parseReplicationState(synced)).toMatchObject({ role: 'replica', linkUp: true });
    expect(() => parseReplicationState('role:master')).toThrow('no master_replid2');
  });
});

describeWithRedis('writers on a real cluster', () => {
  let cluster: ReplicaCluster;
  beforeAll(async () => {
    cluster = await ReplicaCluster.start({ kind: redisServer });
  });
  afterAll(() => cluster.dispose());

  /** Until every writer has written what `enough` asks for. */
  async function load(options: Parameters<typeof Load.start>[1], enough: number) {
    const lineage = new Lineage();
    const watcher = new Watcher(cluster, lineage);
    const started = await Load.start(cluster, options);
    while (started.history.count('acknowledged') < enough) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { writes } = await started.stop();
    await watcher.stop();
    await cluster.untilSettled({ atRest: true });
    const primaries = await cluster.primariesNow();
    const shards = primaries.map(({ server }, i) => ({
      ...{ shard: cluster.shards[i], primaryPort: server.port },
    }));
    return { writes, lineage, primaries, shards };
  }

  it('find all that they have written, and each thing that is taken away or put there', async () => {
    const { writes, lineage, primaries, shards } = await load({ prefix: 'plain' }, 500);
    const before = await readBack(writes, shards);
    expect(before.wrong).toEqual([]);
    expect(writes.every((one) => before.present.has(one))).toBe(true);
    expect(new Set(writes.map((one) => one.port)).size).toBe(3);
    expect(writes.every(({ offset }) => offset !== null && offset > 0)).toBe(true);

    const shardAt = (slot: number) => shards.findIndex(({ shard: one }) => slot <= one.lastSlot);
    const ownerOf = ({ slot }: Write) => primaries[shardAt(slot)].server;
    const single = writes.find(({ kind }) => kind === 'set') as Write;
    await ownerOf(single).call('DEL', single.key);
    const appended = writes.filter(({ kind }) => kind === 'append');
    const [first] = appended.filter(({ key }) => key === appended[0].key);
    await ownerOf(first).call('APPEND', first.key, `${first.value} of-nobody `);
    const after = await readBack(writes, shards);
    expect(writes.filter((one) => !after.present.has(one))).toEqual([single]);
    expect(after.wrong).toEqual([
      `${JSON.stringify(first.value)} of ${first.key} is there twice`,
      `"of-nobody" of ${first.key} was never written`,
    ]);

    const { stream } = await replicationState(ownerOf(single));
    const facts = {
      ports: cluster.shards[shardAt(single.slot)].members.map(({ server }) => server.port),
      finalStream: stream,
    };
    const options = { lineage, isolations: [], confirmed: false, minorityWindowMs: 0 };
    expect(explainLoss(single, facts, options)).toMatchObject({
      cause: 'unexplained',
      reason: expect.stringContaining('has never changed'),
    });
  });

  it('know an offset that the replica reaches exactly with the write', async () => {
    const { writes, primaries } = await load({ prefix: 'exact', writers: 1, thinkMs: 0 }, 50);
    for (const [i, { server }] of primaries.entries()) {
      const { firstSlot, lastSlot } = cluster.shards[i];
      const own = writes.filter(({ slot }) => slot >= firstSlot && slot <= lastSlot);
      // Nobody else has written since, so but for PINGs of the primary the last write is the end of the stream.
      const { offset } = await replicationState(server);
      const pings = (offset - (own.at(-1)?.offset ?? 0)) / '*1\r\n$4\r\nPING\r\n'.length;
      expect(Number.isInteger(pings), `${pings} PINGs`).toBe(true);
    }
  });

  it('wait for every replica where they are asked to', async () => {
    const { writes } = await load({ prefix: 'wait', confirmations: 1 }, 200);
    expect(writes.filter(({ outcome }) => outcome !== 'acknowledged')).toEqual([]);
    const more = await load({ prefix: 'more', confirmations: 2, writers: 2, timeoutMs: 5000 }, 0);
    expect(more.writes.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
  });

  it('may be client libraries and redis-cli', async () => {
    const { writes, shards } = await load({ prefix: 'lib', writers: 0, libraries: true }, 100);
    expect(new Set(writes.map(({ writer }) => writer)).size).toBe(4);
    const { present, wrong } = await readBack(writes, shards);
    expect(wrong).toEqual([]);
    const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged');
    expect(acknowledged.filter((one) => !present.has(one))).toEqual([]);
  });
});
