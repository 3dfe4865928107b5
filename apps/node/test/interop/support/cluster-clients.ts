// The three cluster clients behind one interface, each used as its own documentation shows and with its defaults.

import { keySlot } from '@slotmesh/crc16-slots';
import { type Redis, Cluster as RedisCluster } from 'ioredis';
import { Cluster as ValkeyCluster } from 'iovalkey';
import { createCluster, RESP_TYPES } from 'redis';

/** What the tests do with a client. Messages are text. */
export interface ClusterClient {
  /** Everything that reached the client's error handlers. */
  readonly errors: unknown[];
  set(key: string, value: string | Buffer): Promise<unknown>;
  setExpiring(key: string, value: string, after: Expiry): Promise<unknown>;
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Buffer | null>;
  mget(keys: string[]): Promise<(string | null)[]>;
  del(key: string): Promise<number>;
  ttl(key: string): Promise<number>;
  /** Commands on keys of one slot, sent as one batch. */
  pipeline(commands: string[][]): Promise<unknown[]>;
  publish(channel: string, message: string): Promise<unknown>;
  spublish(channel: string, message: string): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  psubscribe(pattern: string, listener: (message: string) => void): Promise<unknown>;
  ssubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  quit(): Promise<unknown>;
}

export type Expiry = { readonly ex: number } | { readonly px: number };

/** A client library as the tests run it. */
export interface ClientLibrary {
  readonly name: string;
  connect(port: number): Promise<ClusterClient>;
}

export const clientLibraries: readonly ClientLibrary[] = [
  {
    name: 'ioredis',
    connect: (port) => {
      const node = { host: '127.0.0.1', port };
      // Sharded subscriptions are an option of their own, which an application gives to the client that subscribes.
      const sharded = new RedisCluster([node], { shardedSubscribers: true, lazyConnect: true });
      return fromIoredis(new RedisCluster([node]), async () => {
        if (sharded.status === 'wait') await sharded.connect();
        return sharded;
      });
    },
  },
  {
    name: 'iovalkey',
    connect: (port) => {
      // A fork of ioredis with the same methods; it leaves it to the application to find a sharded channel's node.
      const cluster = new ValkeyCluster([{ host: '127.0.0.1', port }]) as unknown as RedisCluster;
      return fromIoredis(cluster, (channel) => connectionToOwner(cluster, channel));
    },
  },
  { name: 'node-redis', connect: connectNodeRedis },
];

type Subscriber = RedisCluster | Redis;

/** A connection of its own to the node that serves a sharded channel. */
async function connectionToOwner(cluster: RedisCluster, channel: string): Promise<Redis> {
  const slot = keySlot(channel);
  const ranges = await cluster.cluster('SLOTS');
  const port = ranges.find(([start, end]) => start <= slot && slot <= end)?.[2]?.[1];
  const owner = cluster.nodes('master').find((node) => node.options.port === port);
  if (owner === undefined) throw new Error(`no connection to the node at port ${port}`);
  return owner.duplicate();
}

async function fromIoredis(
  cluster: RedisCluster,
  subscriberOf: (shardChannel: string) => Promise<Subscriber>,
): Promise<ClusterClient> {
  const errors: unknown[] = [];
  const subscribers = new Set<Subscriber>();
  const collectErrors = (client: Subscriber): void => {
    client.on('error', (error) => errors.push(error));
    client.on('node error', (error) => errors.push(error));
  };
  collectErrors(cluster);
  await new Promise((resolve) => cluster.once('ready', resolve));
  return {
    errors,
    set: (key, value) => cluster.set(key, value),
    setExpiring: (key, value, after) =>
      'ex' in after
        ? cluster.set(key, value, 'EX', after.ex)
        : cluster.set(key, value, 'PX', after.px),
    get: (key) => cluster.get(key),
    getBuffer: (key) => cluster.getBuffer(key),
    mget: (keys) => cluster.mget(keys),
    del: (key) => cluster.del(key),
    ttl: (key) => cluster.ttl(key),
    async pipeline(commands) {
      const named = commands.map(([name, ...args]) => [name.toLowerCase(), ...args]);
      const replies = (await cluster.pipeline(named).exec()) ?? [];
      return replies.map(([error, reply]) => {
        if (error) throw error;
        return reply;
      });
    },
    publish: (channel, message) => cluster.publish(channel, message),
    spublish: (channel, message) => cluster.spublish(channel, message),
    subscribe(channel, listener) {
      cluster.on('message', (from: string, message: string) => {
        if (from === channel) listener(message);
      });
      return cluster.subscribe(channel);
    },
    psubscribe(pattern, listener) {
      cluster.on('pmessage', (from: string, _channel: string, message: string) => {
        if (from === pattern) listener(message);
      });
      return cluster.psubscribe(pattern);
    },
    async ssubscribe(channel, listener) {
      const subscriber = await subscriberOf(channel);
      if (!subscribers.has(subscriber)) collectErrors(subscriber);
      subscribers.add(subscriber);
      subscriber.on('smessage', (from: string, message: string) => {
        if (from === channel) listener(message);
      });
      await subscriber.ssubscribe(channel);
    },
    async quit() {
      for (const subscriber of subscribers) await subscriber.quit();
      await cluster.quit();
    },
  };
}

async function connectNodeRedis(port: number): Promise<ClusterClient> {
  const errors: unknown[] = [];
  const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
  for (const event of ['error', 'node-error'] as const) {
    cluster.on(event, (error) => errors.push(error));
  }
  await cluster.connect();
  const bytes = cluster.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    errors,
    set: (key, value) => cluster.set(key, value),
    setExpiring: (key, value, after) =>
      cluster.set(key, value, {
        expiration:
          'ex' in after ? { type: 'EX', value: after.ex } : { type: 'PX', value: after.px },
      }),
    get: (key) => cluster.get(key),
    getBuffer: (key) => bytes.get(key) as Promise<Buffer | null>,
    mget: (keys) => cluster.mGet(keys),
    del: (key) => cluster.del(key),
    ttl: (key) => cluster.ttl(key),
    pipeline(commands) {
      const batch = cluster.multi();
      for (const args of commands) batch.addCommand(args[1], false, args);
      return batch.execAsPipeline();
    },
    publish: (channel, message) => cluster.publish(channel, message),
    spublish: (channel, message) => cluster.sPublish(channel, message),
    subscribe: (channel, listener) => cluster.subscribe(channel, listener),
    psubscribe: (pattern, listener) => cluster.pSubscribe(pattern, listener),
    ssubscribe: (channel, listener) => cluster.sSubscribe(channel, listener),
    quit: () => cluster.close(),
  };
}
