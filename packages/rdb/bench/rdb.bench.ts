// Checksum, compression, and files of 100,000 strings, written and read. The peers are in C: Node.js's zlib for the first
// two, redis-server's own SAVE and loading for the others, in the same run.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { formatNs, interleave, ratio, table } from '../../../scripts/bench-kit.ts';
import { redisServerVersion, startRedis } from '../../../scripts/testing/redis-server.ts';
import { Crc64, LzfCompressor, lzfDecompress, RdbReader, RdbWriter } from '../src/index.ts';
import { RedisClient } from '../test/support/redis.ts';

interface Side {
  readonly name: string;
  readonly operations: number;
  run(): unknown;
}

/** A line of the table: ours, and the peer's time for the same. */
interface Pair {
  readonly what: string;
  readonly ours: Side;
  readonly peer: Side | null;
}

function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function checksum(quick: boolean): Pair {
  const bytes = noise(quick ? 1024 : 1 << 20);
  const crc = new Crc64();
  const crc32 = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;
  const side = (name: string, run: () => unknown): Side => ({
    name,
    operations: bytes.length,
    run,
  });
  return {
    what: 'CRC-64, a byte (peer: CRC-32)',
    ours: side('crc64', () => {
      crc.update(bytes);
      return crc.low;
    }),
    peer: crc32 === undefined ? null : side('crc32', () => crc32(bytes)),
  };
}

function compression(quick: boolean): Pair[] {
  const words = ['cluster', 'slot', 'epoch', 'replica', 'primary', '1795', 'node', 'gossip'];
  const pick = noise(40_000);
  let text = '';
  for (let i = 0; text.length < (quick ? 500 : 100_000); i++)
    text += `${words[pick[i] & 7]}:${pick[i + 1]} `;
  const bytes = new TextEncoder().encode(text);
  const compressor = new LzfCompressor();
  const packed = new Uint8Array(bytes.length);
  const end = compressor.compress(bytes, 0, bytes.length, packed, 0, packed.length);
  const unpacked = new Uint8Array(bytes.length);
  if (!lzfDecompress(packed, 0, end, unpacked) || Buffer.compare(unpacked, bytes) !== 0) {
    throw new Error('a text did not come back');
  }
  const deflated = zlib.deflateRawSync(bytes, { level: 1 });
  const side = (name: string, run: () => unknown): Side => ({
    name,
    operations: bytes.length,
    run,
  });
  return [
    {
      what: 'compress text, a byte (peer: deflate 1)',
      ours: side('lzf', () =>
        compressor.compress(bytes, 0, bytes.length, packed, 0, packed.length),
      ),
      peer: side('deflate', () => zlib.deflateRawSync(bytes, { level: 1 })),
    },
    {
      what: 'unpack it, a byte (peer: inflate)',
      ours: side('unlzf', () => lzfDecompress(packed, 0, end, unpacked)),
      peer: side('inflate', () => zlib.inflateRawSync(deflated)),
    },
  ];
}

/** Keys of 16 bytes in one buffer, values of 64. */
function entries(count: number): { keys: Uint8Array; values: Uint8Array } {
  const keys = new Uint8Array(count * 16);
  for (let i = 0; i < count; i++)
    new TextEncoder().encodeInto(`key:${String(i).padStart(12, '0')}`, keys.subarray(16 * i));
  return { keys, values: noise(count * 64) };
}

function write(
  count: number,
  compression: boolean,
  { keys, values }: ReturnType<typeof entries>,
  keep?: Uint8Array[],
): number {
  const writer = new RdbWriter({ compression });
  writer.selectDatabase(0);
  for (let i = 0; i < count; i++) {
    writer.stringEntry(keys, 16 * i, 16 * i + 16, values, 64 * i, 64 * i + 64);
    if (writer.length < 256 * 1024) continue;
    if (keep) keep.push(writer.take());
    else {
      writer.take();
      writer.recycle();
    }
  }
  writer.finish();
  const last = writer.take();
  if (keep) keep.push(last);
  return writer.writtenBytes;
}

function read(chunks: readonly Uint8Array[]): number {
  const reader = new RdbReader();
  let found = 0;
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let event = reader.next(); event !== null; event = reader.next()) {
      if (event.kind === 'entry') found++;
    }
  }
  reader.end();
  return found;
}

function inChunks(file: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += 64 * 1024) chunks.push(file.slice(at, at + 64 * 1024));
  return chunks;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const count = quick ? 100 : 100_000;
  const data = entries(count);
  const kept: Uint8Array[] = [];
  write(count, true, data, kept);
  const file = Uint8Array.from(Buffer.concat(kept));
  const chunks = inChunks(file);
  if (read(chunks) !== count) throw new Error('entries were lost');

  const server =
    quick || redisServerVersion() === null
      ? null
      : await startRedis(['--enable-debug-command', 'yes']);
  const client = server && (await RedisClient.open(server.port));
  if (client) {
    for (let i = 0; i < count; i += 1000) {
      const pairs: Uint8Array[] = [];
      for (let k = i; k < i + 1000; k++)
        pairs.push(
          data.keys.subarray(16 * k, 16 * k + 16),
          data.values.subarray(64 * k, 64 * k + 64),
        );
      await client.call('MSET', ...pairs);
    }
    await client.call('SAVE');
    const saved = readFileSync(join((server as { dir: string }).dir, 'dump.rdb'));
    if (read(inChunks(saved)) !== count) throw new Error("the peer's entries were lost");
  }
  const theirs = (name: string, ...command: string[]): Side | null =>
    client && { name, operations: count, run: () => client.call(...command) };
  const side = (name: string, act: () => unknown): Side => ({ name, operations: count, run: act });

  const pairs: Pair[] = [
    checksum(quick),
    ...compression(quick),
    {
      what: 'write an entry, 16 and 64 bytes (peer: SAVE)',
      ours: side('write', () => write(count, true, data)),
      peer: theirs('save', 'SAVE'),
    },
    {
      what: 'the same without compression',
      ours: side('write plain', () => write(count, false, data)),
      peer: null,
    },
    {
      what: 'read an entry (peer: loading, into its memory)',
      ours: side('read', () => read(chunks)),
      peer: theirs('load', 'DEBUG', 'RELOAD', 'NOSAVE'),
    },
  ];
  const results = await interleave({
    rounds: quick ? 1 : 9,
    warmUpRounds: quick ? 0 : 2,
    cases: pairs.flatMap(({ ours, peer }) => (peer ? [ours, peer] : [ours])),
  });
  client?.close();
  await server?.stop();
  const timeOf = (name: string | undefined): number =>
    results.find((result) => result.name === name)?.nsPerOperation ?? Number.NaN;
  const cpuOf = (name: string): number =>
    results.find((result) => result.name === name)?.cpuNsPerOperation ?? Number.NaN;
  table(
    pairs.map(({ what, ours, peer }) => ({
      what,
      ours: formatNs(timeOf(ours.name)),
      'our CPU': formatNs(cpuOf(ours.name)),
      peer: peer ? formatNs(timeOf(peer.name)) : '',
      ratio: peer ? ratio(timeOf(ours.name), timeOf(peer.name)) : '',
    })),
  );
}
