// The keys that routing is told of are the keys that a command touches: every one, and no other. A keyspace that writes
// down what it is asked for is held against COMMAND GETKEYS, for random arguments of every command with keys.

import type { Database } from '@slotmesh/keyspace';
import { MemoryKeyspace } from '@slotmesh/keyspace';
import { dumpPayload } from '@slotmesh/rdb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandProcessor } from '../src/index.ts';
import { COMMAND_TABLE } from '../src/table/index.ts';
import { TestNode } from './support/test-node.ts';

/** Every method that takes a key, with the place of the key's range among its arguments. */
const KEYED = new Set([
  'find',
  'setString',
  'setValue',
  'setCompact',
  'setStructure',
  'detach',
  'attach',
  'reshape',
  'setExpiry',
  'delete',
]);

function recording(database: Database, touched: Set<string>): Database {
  return new Proxy(database, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (KEYED.has(String(name))) {
          const [, bytes, start, end] = args as [number, Uint8Array, number, number];
          touched.add(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
        }
        return Reflect.apply(value, target, args);
      };
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

const commands = COMMAND_TABLE.all.filter(
  ({ keys }) => keys !== null && !keys.flags.includes('not_key'),
);
const NUMBERS = ['0', '1', '5', '-1', '100', '#1'];
const WORDS =
  'NX XX GET EX PX KEEPTTL PERSIST GT LT AND OR NOT SET INCRBY OVERFLOW SAT i8 u5 BIT LEN IDX DB REPLACE';
/** What RESTORE takes: arguments are texts here, so it must be a payload without bytes above 127. */
const PAYLOAD = (() => {
  for (let i = 0; ; i++) {
    const bytes = Buffer.from(`value ${i}`);
    const payload = dumpPayload({ type: 'string', bytes, start: 0, end: bytes.length });
    if (payload.every((byte) => byte < 0x80)) return Buffer.from(payload).toString('latin1');
  }
})();
const argument = fc.oneof(
  { weight: 1, arbitrary: fc.constant(PAYLOAD) },
  { weight: 3, arbitrary: fc.constantFrom('k1', 'k2', 'k3') },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...WORDS.split(' ')) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
const argumentList = fc.array(argument, { minLength: 1, maxLength: 6, size: 'max' });

/** Keys that were touched, and keys that COMMAND GETKEYS declares; null where the command was refused. */
function keysOf(
  name: string,
  args: readonly string[],
): { touched: string[]; declared: string[] } | null {
  const node = new TestNode();
  const touched = new Set<string>();
  const plain = new MemoryKeyspace({ databases: 16, bySlot: false, hashKey: { low: 3, high: 4 } });
  const databases = plain.databases.map((database) => recording(database, touched));
  const keyspace = new Proxy(plain, {
    get(target, name) {
      if (name === 'databases') return databases;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
  Object.assign(node, { processor: new CommandProcessor({ ...node.ports, keyspace }) });
  const client = node.connect();
  client.run('MSET', 'k1', '5', 'k2', 'five', '0', '7');
  touched.clear();
  const reply = client.run(...name.split('|'), ...args);
  if (reply.startsWith('-')) return null;
  const found = [...touched];
  const declared = node
    .connect()
    .run('COMMAND', 'GETKEYS', ...name.split('|'), ...args)
    .split('\r\n')
    .slice(2, -1)
    .filter((_, i) => i % 2 === 0);
  return { touched: found, declared };
}

test('keys touched are keys declared', () => {
  expect(commands.length).toBeGreaterThan(50);
  let compared = 0;
  fc.assert(
    fc.property(fc.constantFrom(...commands), argumentList, ({ fullName }, args) => {
      const keys = keysOf(fullName, args);
      if (keys === null) return;
      for (const key of keys.touched) expect(keys.declared).toContain(key);
      compared++;
    }),
    { numRuns: 6000 },
  );
  expect(compared).toBeGreaterThan(1000);
});

/** A command need not look at every key each time: COPY without REPLACE, for one, where there is nothing to copy. */
test('keys declared are keys touched, for some arguments of every command', () => {
  for (const { fullName } of commands) {
    const isComplete = (args: readonly string[]): boolean => {
      const keys = keysOf(fullName, args);
      return keys !== null && new Set(keys.declared).size === keys.touched.length;
    };
    expect(fc.sample(argumentList, 20_000).some(isComplete), fullName).toBe(true);
  }
});
