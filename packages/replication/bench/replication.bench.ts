// What replication costs a primary per write and per ack, and a replica per command of the stream. Beside the first
// stand what it costs where nobody listens, and the copy of the bytes, which nobody can do without.

import assert from 'node:assert/strict';
import { seededRandom } from '@slotmesh/machine';
import { CommandArguments, CommandDecoder, encodeCommand } from '@slotmesh/resp';
import { formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import {
  DEFAULT_REPLICATION_OPTIONS,
  PrimaryStream,
  Replication,
  type ReplicationEffect,
} from '../src/index.ts';

const NOW_MS = 1_700_000_000_000;
const NOWHERE = { push: () => 0 };

function newMachine(): Replication {
  return new Replication({
    options: { ...DEFAULT_REPLICATION_OPTIONS, disklessSyncDelayMs: 0 },
    random: seededRandom(1),
    nowMs: NOW_MS,
    saved: null,
    startsAsReplica: false,
  });
}

function argumentsOf(...words: string[]): CommandArguments {
  const decoder = new CommandDecoder();
  decoder.push(encodeCommand(words));
  assert(decoder.next());
  const args = new CommandArguments();
  decoder.moveTo(args);
  return args;
}

/** A primary whose replicas, numbered from 1, are online. */
function withReplicas(count: number): Replication {
  const machine = newMachine();
  const step = machine.step.bind(machine, NOW_MS);
  const common = { kind: 'command' as const, remoteHost: 'r' };
  for (let client = 1; client <= count; client++) {
    step({ ...common, client, args: argumentsOf('PSYNC', '?', '-1') }, NOWHERE);
    step({ kind: 'snapshotStarted', snapshot: client }, NOWHERE);
    step({ kind: 'snapshotLength', snapshot: client, bytes: 0 }, NOWHERE);
    step({ kind: 'snapshotEnd', snapshot: client }, NOWHERE);
  }
  assert.equal(machine.facts(NOW_MS).replicas.filter(({ isOnline }) => isOnline).length, count);
  return machine;
}

/** Appends so many commands, in batches as a node does, and lets the replicas' sockets take everything. */
function append(machine: Replication, args: CommandArguments, operations: number): number {
  let sent = 0;
  const effects = {
    push: (effect: ReplicationEffect) => {
      if (effect.kind !== 'send') return;
      sent += effect.bytes.length;
      left.push(effect.client, effect.bytes.length);
    },
  };
  const left: number[] = [];
  for (let i = 1; i <= operations; i++) {
    machine.appendCommand(0, args);
    if (i % 32 !== 0) continue;
    machine.settle(NOW_MS, effects);
    for (let at = 0; at < left.length; at += 2) {
      machine.step(NOW_MS, { kind: 'sent', client: left[at], bytes: left[at + 1] }, NOWHERE);
    }
    left.length = 0;
  }
  machine.settle(NOW_MS, effects);
  return sent;
}

function follow(operations: number, chunk: Uint8Array, commands: number): number {
  const machine = newMachine();
  const step = machine.step.bind(machine, NOW_MS);
  let applied = 0;
  const stream = new PrimaryStream();
  const effects = {
    push: (effect: ReplicationEffect) => {
      if (effect.kind !== 'apply') return;
      stream.push(effect.bytes);
      while (stream.next()) applied++;
      machine.applied(stream.takeApplied(), 0);
    },
  };
  const say = (line: string): void => {
    step({ kind: 'linkData', link: 1, bytes: new TextEncoder().encode(line) }, effects);
  };
  step({ kind: 'follow', address: { host: 'p', port: 1 } }, effects);
  step({ kind: 'linkUp', link: 1 }, effects);
  say('+PONG\r\n');
  say('+OK\r\n+OK\r\n');
  say(`+FULLRESYNC ${'a'.repeat(40)} 0\r\n$0\r\n`);
  step({ kind: 'loaded', load: 1, streamDb: 0 }, effects);
  for (let i = 0; i < operations; i += commands) {
    step({ kind: 'linkData', link: 1, bytes: chunk }, effects);
    machine.settle(NOW_MS, effects);
  }
  assert.equal(machine.offset, (applied / commands) * chunk.length);
  return applied;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const operations = quick ? 64 : 64_000;
  const args = argumentsOf('SET', 'key:000000012345', 'x'.repeat(64));
  const encoded = encodeCommand(['SET', 'key:000000012345', 'x'.repeat(64)]);
  const chunk = new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => encoded)));

  const nobody = newMachine();
  const one = withReplicas(1);
  const three = withReplicas(3);
  const before = three.offset;
  const sent = append(three, args, 64);
  // The first command comes with its SELECT.
  assert.equal(three.offset - before, 64 * encoded.length + 23);
  assert.equal(sent, 3 * (three.offset - before));

  let offset = 0;
  const acks = (): number => {
    for (let i = 0; i < operations; i++) three.ack(NOW_MS, 1 + (i % 3), ++offset, NOWHERE);
    three.settle(NOW_MS, NOWHERE);
    return three.countAcked(offset - 3);
  };
  const room = new Uint8Array(1 << 20);
  const copy = (): number => {
    let at = 0;
    for (let i = 0; i < operations; i++) {
      if (at + encoded.length > room.length) at = 0;
      room.set(encoded, at);
      at += encoded.length;
    }
    return room[0];
  };
  const results = await interleave({
    rounds: quick ? 1 : 15,
    warmUpRounds: quick ? 0 : 3,
    cases: [
      {
        name: 'a write, nobody listens',
        operations,
        run: () => append(nobody, args, operations),
      },
      {
        name: 'a write, one replica',
        operations,
        run: () => append(one, args, operations),
      },
      {
        name: 'a write, three replicas',
        operations,
        run: () => append(three, args, operations),
      },
      { name: 'a copy of its bytes', operations, run: copy },
      { name: 'an ack', operations, run: acks },
      {
        name: 'a command of the stream',
        operations,
        run: () => follow(operations, chunk, 64),
      },
    ],
  });
  table(
    results.map(({ name, nsPerOperation }) => ({
      [`SET with 64 bytes, ${encoded.length} in the stream`]: name,
      time: formatNs(nsPerOperation),
    })),
  );
}
