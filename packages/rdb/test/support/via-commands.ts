// A value as a server's commands tell it, in the form of `plain`: an account that does not go through any RDB code of ours.

import type { RedisClient } from './redis.ts';

type Row = (string | number | null | Row)[];

export async function viaCommands(client: RedisClient, key: string): Promise<unknown> {
  const type = await client.text('TYPE', key);
  switch (type) {
    case 'string':
      return client.text('GET', key);
    case 'list':
      return { list: await client.text('LRANGE', key, 0, -1) };
    case 'set':
      return { set: ((await client.text('SMEMBERS', key)) as string[]).sort() };
    case 'zset':
      return {
        zset: pairs((await client.text('ZRANGE', key, 0, -1, 'WITHSCORES')) as string[], score),
      };
    case 'hash':
      return { hash: pairs((await client.text('HGETALL', key)) as string[], (text) => text) };
    case 'stream':
      return stream(client, key);
    default:
      throw new Error(`${key} is a ${type}`);
  }
}

function pairs(flat: readonly string[], value: (text: string) => string): string[] {
  const rows: string[] = [];
  for (let i = 0; i < flat.length; i += 2) rows.push(`${flat[i]} = ${value(flat[i + 1])}`);
  return rows.sort();
}

function score(text: string): string {
  return String(text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text));
}

/** XINFO STREAM FULL, with the names of its fields taken for the fields. */
function named(row: Row): Map<string, Row[number]> {
  const map = new Map<string, Row[number]>();
  for (let i = 0; i < row.length; i += 2) map.set(String(row[i]), row[i + 1]);
  return map;
}

async function stream(client: RedisClient, key: string): Promise<unknown> {
  const info = named((await client.text('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0)) as Row);
  const entries = (await client.text('XRANGE', key, '-', '+')) as [string, string[]][];
  return {
    entries: entries.map(([id, fields]) => [id, ...fields]),
    lastId: info.get('last-generated-id'),
    history: {
      firstId: info.get('recorded-first-entry-id'),
      maxDeletedId: info.get('max-deleted-entry-id'),
      entriesAdded: info.get('entries-added'),
    },
    groups: (info.get('groups') as Row[]).map((group) => {
      const facts = named(group);
      const consumers = (facts.get('consumers') as Row[]).map(named);
      const names = consumers.map((consumer) => consumer.get('name'));
      return {
        name: facts.get('name'),
        lastId: facts.get('last-delivered-id'),
        entriesRead: facts.get('entries-read'),
        pending: (facts.get('pending') as Row[]).map(
          ([id, owner, deliveredAtMs, deliveryCount]) => ({
            id,
            deliveredAtMs,
            deliveryCount,
            consumer: names.indexOf(owner),
          }),
        ),
        consumers: consumers.map((consumer) => ({
          name: consumer.get('name'),
          seenAtMs: consumer.get('seen-time'),
          activeAtMs: null,
        })),
      };
    }),
  };
}
