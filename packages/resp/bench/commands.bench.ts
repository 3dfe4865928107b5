// Commands, both ways. Decoding them has no peer that does nothing else: redis-parser reads them as arrays of replies.
// Encoding is compared with @redis/client's, joined into one piece of memory as ours is.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { formatNs, interleave, ratio, type TableRow, table } from '../../../scripts/bench-kit.ts';
import { CommandDecoder, encodeCommand, ReplyWriter } from '../src/index.ts';

const require = createRequire(import.meta.url);
const {
  default: encodePeer,
}: { default(args: readonly (string | Buffer)[]): (string | Buffer)[] } =
  require('@redis/client/dist/lib/RESP/encoder.js');
const Parser: new (options: {
  returnBuffers: boolean;
  returnReply(reply: unknown): void;
  returnError(error: Error): void;
}) => { execute(chunk: Buffer): void } = require('redis-parser');
const value = (length: number) => Buffer.alloc(length, 'v');
const KINDS: readonly (readonly [string, (string | Buffer)[]])[] = [
  ['PING', ['PING']],
  ['GET, key of 24', ['GET', 'user:000000000012345:abc']],
  ['SET, value of 64', ['SET', 'user:000000000012345:abc', value(64)]],
  ['SET, value of 4 KiB', ['SET', 'user:000000000012345:abc', value(4096)]],
  ['MGET of 100', ['MGET', ...Array.from({ length: 100 }, (_, i) => `key:${1000 + i}`)]],
];
const CHUNK_BYTES = 64 * 1024;

type Step = () => number;

async function measure(what: string, operations: number, quick: boolean, steps: readonly Step[]) {
  const names = ['ours', 'peer'];
  const results = await interleave({
    rounds: quick ? 1 : 11,
    warmUpRounds: quick ? 0 : 4,
    cases: steps.map((run, i) => ({ name: names[i], operations, run })),
  });
  const [ours, peer] = results.map(({ nsPerOperation }) => nsPerOperation);
  return {
    what,
    ours: formatNs(ours),
    peer: peer === undefined ? '' : formatNs(peer),
    ratio: peer === undefined ? '' : ratio(ours, peer),
  };
}

async function decoding(
  name: string,
  args: (string | Buffer)[],
  quick: boolean,
): Promise<TableRow> {
  const wire = Buffer.from(encodeCommand(args));
  const perChunk = quick ? 1 : Math.max(1, Math.floor(CHUNK_BYTES / wire.length));
  const chunk = Buffer.concat(Array.from({ length: perChunk }, () => wire));
  const chunks = quick ? 1 : Math.ceil(Math.max(1_000_000 / chunk.length, 10_000 / perChunk));
  const decoder = new CommandDecoder();
  let count = 0;
  const parser = new Parser({
    returnBuffers: true,
    returnReply: () => count++,
    returnError: () => assert.fail(),
  });
  const ours = () => {
    count = 0;
    for (let i = 0; i < chunks; i++) {
      decoder.push(chunk);
      while (decoder.next()) count++;
    }
    return count;
  };
  const theirs = () => {
    count = 0;
    for (let i = 0; i < chunks; i++) parser.execute(chunk);
    return count;
  };
  assert.equal(ours(), chunks * perChunk);
  assert.equal(decoder.count, 0);
  assert.equal(theirs(), chunks * perChunk);
  return measure(`decode ${name}`, chunks * perChunk, quick, [ours, theirs]);
}

async function encoding(
  name: string,
  args: (string | Buffer)[],
  quick: boolean,
): Promise<TableRow> {
  const theirs = () =>
    Buffer.concat(
      encodePeer(args).map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
    );
  assert.deepEqual(Buffer.from(encodeCommand(args)), theirs());
  const operations = quick ? 1 : args.length > 10 ? 1000 : 20_000;
  const repeat = (step: () => Uint8Array) => () => {
    let length = 0;
    for (let i = 0; i < operations; i++) length += step().length;
    return length;
  };
  return measure(`encode ${name}`, operations, quick, [
    repeat(() => encodeCommand(args)),
    repeat(theirs),
  ]);
}

async function writing(quick: boolean): Promise<TableRow[]> {
  const writer = new ReplyWriter(3);
  const small = new Uint8Array(value(64));
  const large = new Uint8Array(value(4096));
  const kinds: readonly (readonly [string, () => void])[] = [
    ['simple OK', () => writer.simple('OK')],
    ['integer', () => writer.integer(12345)],
    ['null', () => writer.null()],
    ['bulk of 64', () => writer.bulk(small)],
    ['bulk of 4 KiB', () => writer.bulk(large)],
    ['text of 24', () => writer.text('abcdefghijklmnopqrstuvwx')],
    ['double', () => writer.double(3.25)],
  ];
  const batches = quick ? 1 : 500;
  const rows: TableRow[] = [];
  for (const [name, write] of kinds) {
    const run = () => {
      let length = 0;
      for (let batch = 0; batch < batches; batch++) {
        for (let i = 0; i < 16; i++) write();
        length += writer.take().length;
      }
      return length;
    };
    assert.ok(run() >= batches * 16 * 3);
    rows.push(await measure(`write ${name}, 16 a batch`, batches * 16, quick, [run]));
  }
  return rows;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rows: TableRow[] = [];
  for (const [name, args] of KINDS) rows.push(await decoding(name, args, quick));
  for (const [name, args] of KINDS) rows.push(await encoding(name, args, quick));
  table([...rows, ...(await writing(quick))]);
}
