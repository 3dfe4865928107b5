// Reads at the end what the writers have written, from the primaries, and says of each write whether it is there; and
// whether anything is there that cannot be.

import { type Reply, RespConnection } from '../../../interop/support/resp-connection.ts';
import { SEPARATOR, type Write } from '../load/history.ts';
import type { Shard } from '../replica-cluster.ts';

const BATCH = 500;

export interface ReadBack {
  readonly present: ReadonlySet<Write>;
  /** One line for each value that is there although nobody wrote it, it was refused, or twice or out of its order. */
  readonly wrong: readonly string[];
}

/** `primaryPort` is the port of the primary of each shard, which must not be written any more. */
export async function readBack(
  writes: readonly Write[],
  shards: readonly { readonly shard: Shard; readonly primaryPort: number }[],
): Promise<ReadBack> {
  const present = new Set<Write>();
  const wrong: string[] = [];
  for (const { shard, primaryPort } of shards) {
    const ofKey = new Map<string, Write[]>();
    for (const write of writes) {
      if (write.slot < shard.firstSlot || write.slot > shard.lastSlot) continue;
      const sameKey = ofKey.get(write.key);
      if (sameKey === undefined) ofKey.set(write.key, [write]);
      else sameKey.push(write);
    }
    for await (const [key, values] of contents(primaryPort, [...ofKey.values()])) {
      wrong.push(...compare(ofKey.get(key) as Write[], values, present));
    }
  }
  return { present, wrong };
}

/** Notes which writes of one key are there. */
function compare(
  writes: readonly Write[],
  values: readonly string[],
  present: Set<Write>,
): string[] {
  const wrong: string[] = [];
  const byValue = new Map(writes.map((write, i) => [write.value, { write, i }]));
  let last = -1;
  for (const value of values) {
    const found = byValue.get(value);
    const where = `${JSON.stringify(value)} of ${writes[0].key}`;
    if (found === undefined) {
      wrong.push(`${where} was never written`);
      continue;
    }
    if (present.has(found.write)) wrong.push(`${where} is there twice`);
    else if (found.i < last) wrong.push(`${where} is out of its order`);
    if (found.write.outcome === 'refused') {
      wrong.push(`${where} is there, but was refused: ${found.write.reply}`);
    }
    last = Math.max(last, found.i);
    present.add(found.write);
  }
  return wrong;
}

/** The values under each key; `keys` are the writes of one key each. */
async function* contents(
  port: number,
  keys: readonly (readonly Write[])[],
): AsyncGenerator<[key: string, values: string[]]> {
  const connection = await RespConnection.open(port);
  try {
    for (let i = 0; i < keys.length; i += BATCH) {
      const some = keys.slice(i, i + BATCH);
      const replies = await connection.callAll(some.map(([{ key }]) => ['GET', key]));
      for (const [j, reply] of replies.entries()) {
        if (reply instanceof Error) throw new Error(`${some[j][0].key}: ${reply.message}`);
        yield [some[j][0].key, valuesOf(some[j][0], reply)];
      }
    }
  } finally {
    connection.close();
  }
}

function valuesOf({ kind }: Write, reply: Reply): string[] {
  if (reply === null) return [];
  return kind === 'append' ? String(reply).split(SEPARATOR).slice(0, -1) : [String(reply)];
}
