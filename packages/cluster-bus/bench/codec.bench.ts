// Decoding and encoding a PING with 10 and with 100 gossip entries against copying its bytes, which
// is the least that anybody could do with it; and the stream decoder, fed chunks of 64 KiB as a
// socket gives them.

import assert from 'node:assert/strict';
import { SlotSet } from '@slotmesh/crc16-slots';
import {
  type BenchCase,
  formatNs,
  interleave,
  type Measurement,
  ratio,
  type TableRow,
  table,
} from '../../../scripts/bench-kit.ts';
import {
  BusDecoder,
  decodeBusMessage,
  encodeBusMessage,
  type GossipEntry,
  MessageFlag,
  type PingMessage,
} from '../src/index.ts';

/** As many nodes as a large cluster has: the entries of each packet are picked from them. */
const NODES = 1000;
const CHUNK_BYTES = 64 * 1024;

const nodes: readonly GossipEntry[] = Array.from({ length: NODES }, (_, i) => ({
  node: idOf(i),
  pingSentS: 0,
  pongReceivedS: 1_795_186_000 + (i % 15),
  host: `10.20.${i >> 8}.${i & 255}`,
  port: 7000,
  altPort: 0,
  busPort: 17000,
  flags: 1 + (i & 1),
}));

/** An id as random as a real one. */
function idOf(n: number): string {
  let state = n + 1;
  const word = (): string => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 0).toString(16).padStart(8, '0');
  };
  return Array.from({ length: 5 }, word).join('');
}

function pingWith(entries: number, first: number): PingMessage {
  return {
    kind: 'ping',
    header: {
      sender: nodes[0].node,
      currentEpoch: 12,
      configEpoch: 7,
      offset: 123_456_789,
      slots: SlotSet.parse('5461-10922'),
      replicaOf: null,
      host: '',
      port: 7000,
      altPort: 0,
      busPort: 17000,
      flags: 1,
      clusterState: 'ok',
      messageFlags: MessageFlag.extensionData,
    },
    gossip: Array.from({ length: entries }, (_, i) => nodes[(first + 7 * i) % NODES]),
    extensions: [{ kind: 'shardId', shardId: nodes[0].node }],
  };
}

/** The cases for one packet size, the copy first. */
function casesFor(entries: number, operations: number): BenchCase[] {
  const messages = Array.from({ length: 64 }, (_, i) => pingWith(entries, 31 * i));
  const frames = messages.map(encodeBusMessage);
  for (const [i, frame] of frames.entries()) {
    assert.deepEqual(decodeBusMessage(frame), messages[i]);
    assert.deepEqual(encodeBusMessage(decodeBusMessage(frame)), frame);
  }
  const each = (work: (i: number) => number): (() => number) => {
    return () => {
      let sum = 0;
      for (let n = 0; n < operations; n++) sum += work(n & 63);
      return sum;
    };
  };
  const name = (what: string): string => `PING of ${entries}: ${what}`;
  return [
    { name: name('copy'), operations, run: each((i) => frames[i].slice().length) },
    { name: name('decode'), operations, run: each((i) => gossipOf(decodeBusMessage(frames[i]))) },
    { name: name('encode'), operations, run: each((i) => encodeBusMessage(messages[i]).length) },
    streamCase(name('stream decoder'), frames, operations),
  ];
}

function gossipOf(message: ReturnType<typeof decodeBusMessage>): number {
  return message.kind === 'ping' ? message.gossip.length : 0;
}

/**
 * The packets of one sender, one behind the other, cut into chunks without regard to where a packet
 * ends.
 */
function streamCase(name: string, frames: readonly Uint8Array[], operations: number): BenchCase {
  const stream = new Uint8Array(frames[0].length * operations);
  for (let i = 0; i < operations; i++) stream.set(frames[i & 63], i * frames[0].length);
  const run = (): number => {
    const decoder = new BusDecoder();
    let count = 0;
    for (let at = 0; at < stream.length; at += CHUNK_BYTES) {
      decoder.push(stream.subarray(at, at + CHUNK_BYTES));
      while (decoder.next() !== undefined) count++;
    }
    return count;
  };
  assert.equal(run(), operations);
  return { name, operations, run };
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rows: TableRow[] = [];
  for (const entries of [10, 100]) {
    const operations = quick ? 20 : Math.ceil(200_000 / (entries + 30));
    const cases = casesFor(entries, operations);
    const [copy, ...ours] = await interleave({
      rounds: quick ? 1 : 21,
      warmUpRounds: quick ? 0 : 10,
      cases,
    });
    rows.push(row(copy, copy), ...ours.map((measured) => row(measured, copy)));
  }
  table(rows);
}

function row(measured: Measurement, copy: Measurement): TableRow {
  return {
    case: measured.name,
    time: formatNs(measured.nsPerOperation),
    cpu: formatNs(measured.cpuNsPerOperation),
    'speed of a copy': ratio(measured.nsPerOperation, copy.nsPerOperation),
  };
}
