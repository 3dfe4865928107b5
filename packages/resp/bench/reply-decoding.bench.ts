// Decoding replies, per kind and size, against redis-parser and the decoder of @redis/client. Strings are compared with
// strings and bytes with bytes; a parser that has no RESP3 is left out of its rows.

import assert from 'node:assert/strict';
import { isAscii } from 'node:buffer';
import { createRequire } from 'node:module';
import { Decoder, RESP_TYPES } from '@redis/client/dist/lib/RESP/decoder.js';
import {
  type BenchCase,
  formatNs,
  interleave,
  ratio,
  type TableRow,
  table,
} from '../../../scripts/bench-kit.ts';
import { type Reply, ReplyDecoder, ReplyError } from '../src/index.ts';

interface OldParser {
  execute(chunk: Buffer): void;
}
interface OldParserOptions {
  returnBuffers?: boolean;
  returnReply(reply: unknown): void;
  returnError(error: Error): void;
}
const OldParser: new (options: OldParserOptions) => OldParser = createRequire(import.meta.url)(
  'redis-parser',
);

/** Bytes of replies per chunk, as many as a busy socket gives at once. */
const CHUNK_BYTES = 64 * 1024;

/** Fewer would measure the interpreter. */
const LEAST_REPLIES = 10_000;

interface Kind {
  readonly name: string;
  readonly reply: string;
  readonly resp3?: boolean;
  /** One chunk per reply, as without pipelining. */
  readonly single?: boolean;
}

const bulk = (length: number) =>
  `$${length}\r\n${'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length)}\r\n`;
/** Nine characters in ten bytes, over and over. */
const notAscii = (tens: number) => `$${10 * tens}\r\n${'clé, mot '.repeat(tens)}\r\n`;
const array = (elements: readonly string[]) => `*${elements.length}\r\n${elements.join('')}`;
const times = (count: number, element: string) => Array.from({ length: count }, () => element);
const pairs = (count: number) =>
  Array.from({ length: count }, (_, i) => `$4\r\nkey${i}\r\n${bulk(20)}`).join('');
const slotNode = array(['$9\r\n127.0.0.1\r\n', ':30001\r\n', bulk(40), '*0\r\n']);
const slots = array(times(6, array([':0\r\n', ':5460\r\n', slotNode, slotNode])));

const KINDS: readonly Kind[] = [
  { name: 'status OK', reply: '+OK\r\n' },
  { name: 'status of 24', reply: '+abcdefghijklmnopqrstuvwx\r\n' },
  {
    name: 'error',
    reply: '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
  },
  { name: 'MOVED', reply: '-MOVED 3999 127.0.0.1:6381\r\n' },
  { name: 'integer 1', reply: ':1\r\n' },
  { name: 'integer 1234567890', reply: ':1234567890\r\n' },
  { name: 'null', reply: '$-1\r\n' },
  { name: 'bulk of 5', reply: bulk(5) },
  { name: 'bulk of 64', reply: bulk(64) },
  { name: 'bulk of 4 KiB', reply: bulk(4096) },
  { name: 'bulk of 64 KiB', reply: bulk(65536) },
  { name: 'bulk of 4 KiB, not ASCII', reply: notAscii(410) },
  { name: 'bulk of 64 KiB, not ASCII', reply: notAscii(6554) },
  { name: 'array of 10 bulks', reply: array(times(10, bulk(5))) },
  { name: 'array of 100 bulks', reply: array(times(100, bulk(5))) },
  { name: 'array of 1000 bulks', reply: array(times(1000, bulk(5))) },
  { name: 'array of 100 bulks of 64', reply: array(times(100, bulk(64))) },
  { name: 'array of 100 integers', reply: array(times(100, ':42\r\n')) },
  { name: 'CLUSTER SLOTS', reply: slots },
  { name: 'status OK, alone', reply: '+OK\r\n', single: true },
  { name: 'bulk of 5, alone', reply: bulk(5), single: true },
  { name: 'bulk of 64, alone', reply: bulk(64), single: true },
  { name: 'double', reply: ',3.25\r\n', resp3: true },
  { name: 'boolean', reply: '#t\r\n', resp3: true },
  { name: 'null of RESP3', reply: '_\r\n', resp3: true },
  { name: 'map of 10', reply: `%10\r\n${pairs(10)}`, resp3: true },
];

/** A parser under test: feeds chunks and returns how many replies came, keeping the last. */
interface Subject {
  readonly name: string;
  feed(chunk: Buffer): number;
  last: unknown;
}

// What Node.js has beyond the web, as the README recommends it: of a long text it is found out first whether it is ASCII,
// because such a one needs no decoding. The peers use Buffer's own decoder.
const { utf8Slice, latin1Slice } = Buffer.prototype as unknown as Record<
  'utf8Slice' | 'latin1Slice',
  (this: Uint8Array, start: number, end: number) => string
>;
const LONG_TEXT_BYTES = 1024;
const decodeText = (bytes: Uint8Array, start: number, end: number) =>
  end - start >= LONG_TEXT_BYTES && isAscii(bytes.subarray(start, end))
    ? latin1Slice.call(bytes, start, end)
    : utf8Slice.call(bytes, start, end);

function ours(strings: boolean): Subject {
  const decoder = new ReplyDecoder({ strings, decodeText });
  const subject: Subject = {
    name: 'ours',
    last: undefined,
    feed(chunk) {
      decoder.push(chunk);
      let count = 0;
      let last: Reply | undefined;
      for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
        last = reply;
        count++;
      }
      subject.last = last;
      return count;
    },
  };
  return subject;
}

function redisParser(strings: boolean): Subject {
  let count = 0;
  const take = (reply: unknown) => {
    subject.last = reply;
    count++;
  };
  const parser = new OldParser({ returnBuffers: !strings, returnReply: take, returnError: take });
  const subject: Subject = {
    name: 'redis-parser',
    last: undefined,
    feed(chunk) {
      count = 0;
      parser.execute(chunk);
      return count;
    },
  };
  return subject;
}

function redisClient(strings: boolean): Subject {
  let count = 0;
  const take = (reply: unknown) => {
    subject.last = reply;
    count++;
  };
  const mapping = strings
    ? { [RESP_TYPES.MAP]: Map }
    : { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.MAP]: Map };
  const decoder = new Decoder({
    onReply: take,
    onErrorReply: take,
    onPush: take,
    getTypeMapping: () => mapping,
  });
  const subject: Subject = {
    name: '@redis/client',
    last: undefined,
    feed(chunk) {
      count = 0;
      decoder.write(chunk);
      return count;
    },
  };
  return subject;
}

/** A reply in one shape, whoever decoded it. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof ReplyError || value instanceof Error) return { error: value.message };
  if (value instanceof Map) return [...value].flat().map(plain);
  return Array.isArray(value) ? value.map(plain) : value;
}

async function compare(kind: Kind, strings: boolean, quick: boolean): Promise<TableRow> {
  const perChunk =
    kind.single || quick ? 1 : Math.max(1, Math.floor(CHUNK_BYTES / kind.reply.length));
  const chunk = Buffer.from(kind.reply.repeat(perChunk));
  const chunks = quick
    ? 1
    : Math.ceil(Math.max(1_000_000 / chunk.length, LEAST_REPLIES / perChunk));
  const subjects = [ours(strings), redisClient(strings)];
  if (!kind.resp3) subjects.push(redisParser(strings));
  for (const subject of subjects) assert.equal(subject.feed(chunk), perChunk, subject.name);
  for (const { name, last } of subjects)
    assert.deepEqual(plain(last), plain(subjects[0].last), name);
  const cases: BenchCase[] = subjects.map((subject) => ({
    name: subject.name,
    operations: chunks * perChunk,
    run() {
      let count = 0;
      for (let i = 0; i < chunks; i++) count += subject.feed(chunk);
      return count;
    },
  }));
  const [our, client, parser] = await interleave({
    rounds: quick ? 1 : 11,
    warmUpRounds: quick ? 0 : 4,
    cases,
  });
  const best = Math.min(client.nsPerOperation, parser?.nsPerOperation ?? Number.POSITIVE_INFINITY);
  return {
    reply: kind.name,
    as: strings ? 'strings' : 'bytes',
    ours: formatNs(our.nsPerOperation),
    'redis-parser': parser === undefined ? 'no RESP3' : formatNs(parser.nsPerOperation),
    '@redis/client': formatNs(client.nsPerOperation),
    'against the better': ratio(our.nsPerOperation, best),
  };
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rows: TableRow[] = [];
  for (const kind of KINDS) {
    for (const strings of [true, false]) rows.push(await compare(kind, strings, quick));
  }
  table(rows);
}
