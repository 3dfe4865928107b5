// The cluster clients of Node.js with their defaults: what an application does with them works on our nodes, and
// nothing reaches their error handlers.

import { keyForSlot, keySlot } from '@slotmesh/crc16-slots';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { type ClusterClient, clientLibraries } from './support/cluster-clients.ts';
import { Fleet, formCluster } from './support/fleet.ts';
import { ours, type ServerProcess } from './support/server-process.ts';
import { eventually } from './support/wait.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
/** One key in each of 48 slots spread over all nodes. */
const spreadKeys = Array.from({ length: 48 }, (_, i) => keyForSlot(Math.floor((i * 16384) / 48)));

describeWithRedis('a cluster of our nodes, used through', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  beforeAll(async () => {
    servers = await fleet.start([ours, ours, ours]);
    await formCluster(servers);
  });
  afterAll(() => fleet.dispose());

  for (const library of clientLibraries) {
    describe(library.name, () => {
      const open: ClusterClient[] = [];
      /** A connected client that starts from any one node. */
      async function connect(): Promise<ClusterClient> {
        const client = await library.connect(servers[open.length % servers.length].port);
        open.push(client);
        return client;
      }
      afterEach(async () => {
        const errors = [];
        for (const client of open.splice(0)) {
          await client.quit();
          errors.push(...client.errors);
        }
        expect(errors).toEqual([]);
      });

      it('reads and writes keys of all slots', async () => {
        const client = await connect();
        for (const key of spreadKeys) expect(await client.set(key, `of ${key}`)).toBe('OK');
        expect(await Promise.all(spreadKeys.map((key) => client.get(key)))).toEqual(
          spreadKeys.map((key) => `of ${key}`),
        );
        expect(await client.get('no such key')).toBeNull();
        expect(await client.del(spreadKeys[0])).toBe(1);
        expect(await client.get(spreadKeys[0])).toBeNull();
      });

      it('keeps binary values as they are', async () => {
        const client = await connect();
        const large = Buffer.concat(Array.from({ length: 2000 }, () => everyByte));
        await client.set('binary', everyByte);
        await client.set('large', large);
        await client.set('empty', Buffer.alloc(0));
        expect(everyByte.equals((await client.getBuffer('binary'))!)).toBe(true);
        expect(large.equals((await client.getBuffer('large'))!)).toBe(true);
        expect(await client.getBuffer('empty')).toEqual(Buffer.alloc(0));
      });

      it('runs many commands at once and pipelines in one slot', async () => {
        const client = await connect();
        const keys = Array.from({ length: 1000 }, (_, i) => `many:${i}`);
        await Promise.all(keys.map((key, i) => client.set(key, String(i))));
        const values = await Promise.all(keys.map((key) => client.get(key)));
        expect(values).toEqual(keys.map((_, i) => String(i)));
        const replies = await client.pipeline([
          ['SET', '{p}:a', '1'],
          ['SET', '{p}:b', '2'],
          ['GET', '{p}:a'],
          ['EXISTS', '{p}:a', '{p}:b', '{p}:c'],
          ['DEL', '{p}:a', '{p}:b'],
          ['GET', '{p}:a'],
        ]);
        expect(replies).toEqual(['OK', 'OK', '1', 2, 2, null]);
      });

      it('reads several keys of one slot by a hash tag', async () => {
        const client = await connect();
        const keys = ['{user:7}:name', '{user:7}:mail', '{user:7}:none'];
        await client.set(keys[0], 'Ada');
        await client.set(keys[1], 'ada@example.org');
        expect(await client.mget(keys)).toEqual(['Ada', 'ada@example.org', null]);
      });

      it('expires keys', async () => {
        const client = await connect();
        await client.setExpiring('short', 'lived', { px: 60 });
        await client.setExpiring('long', 'lived', { ex: 100 });
        expect(await client.ttl('long')).toBeGreaterThan(90);
        await eventually('the key is gone', async () => {
          expect(await client.get('short')).toBeNull();
        });
        expect(await client.get('long')).toBe('lived');
        expect(await client.ttl('short')).toBe(-2);
      });

      it('gets messages of channels and patterns, whichever node they were published at', async () => {
        const subscriber = await connect();
        const publisher = await connect();
        const got: string[] = [];
        await subscriber.subscribe('news', (message) => got.push(`channel: ${message}`));
        await subscriber.psubscribe('ne?s', (message) => got.push(`pattern: ${message}`));
        for (const [i, server] of servers.entries()) {
          await server.call('PUBLISH', 'news', `from node ${i}`);
          await eventually('both subscriptions got it', () => {
            expect(got.filter((line) => line.endsWith(`from node ${i}`)).sort()).toEqual([
              `channel: from node ${i}`,
              `pattern: from node ${i}`,
            ]);
          });
        }
        await publisher.publish('news', 'from a client');
        await eventually('both subscriptions got it', () => expect(got).toHaveLength(8));
      });

      it('gets messages of sharded channels', async () => {
        const subscriber = await connect();
        const publisher = await connect();
        const got = new Map<string, string>();
        // One channel per node, so that the client must find each at its slot's owner.
        const channels = [100, 8000, 16000].map((slot) => keyForSlot(slot, 'room:'));
        expect(channels.map((channel) => keySlot(channel))).toEqual([100, 8000, 16000]);
        for (const channel of channels) {
          await subscriber.ssubscribe(channel, (message) => got.set(channel, message));
        }
        for (const channel of channels) await publisher.spublish(channel, `to ${channel}`);
        await eventually('each channel got its message', () => {
          expect([...got]).toEqual(channels.map((channel) => [channel, `to ${channel}`]));
        });
      });
    });
  }
});
