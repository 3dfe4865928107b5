// The keys that routing is told of are the keys that a command touches: every one, and no other. A keyspace that writes
// down what it is asked for is held against COMMAND GETKEYS, for random arguments of every command with keys.

import type { Database } from '@slotmesh/keyspace';
import { MemoryKeyspace } from '@slotmesh/keyspace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandProcessor } from '../src/index.ts';
import { COMMAND_TABLE } from '../src/table/index.ts';
import { TestNode } from './support/test-node.ts';

/** Every method that takes a key, with the place of the key's range among its arguments. */
const KEYED = new Set(['find', 'setString', 'setExpiry', 'delete']);

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
  });
}

const commands = COMMAND_TABLE.all.filter(
  ({ keys }) => keys !== null && !keys.flags.includes('not_key'),
);
const argument = fc.oneof(
  fc.constantFrom(
    'k1',
    'k2',
    'k3',
    'NX',
    'XX',
    'GET',
    'EX',
    'PX',
    'KEEPTTL',
    'GT',
    '1',
    '-1',
    '100',
  ),
  fc.string({ maxLength: 3 }),
);

test('keys touched are keys declared', () => {
  expect(commands.length).toBeGreaterThan(10);
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...commands),
      fc.array(argument, { minLength: 1, maxLength: 6 }),
      (command, args) => {
        const node = new TestNode();
        const touched = new Set<string>();
        const plain = new MemoryKeyspace({
          databases: 1,
          bySlot: false,
          hashKey: { low: 3, high: 4 },
        });
        const keyspace = {
          databases: [recording(plain.databases[0], touched)],
          expiredCount: 0,
          changeCount: 0,
          expireCycle: () => 0,
        };
        Object.assign(node, { processor: new CommandProcessor({ ...node.ports, keyspace }) });
        const client = node.connect();
        const reply = client.run(command.fullName, ...args);
        if (reply.startsWith('-')) return;
        const declared = node
          .connect()
          .run('COMMAND', 'GETKEYS', command.fullName, ...args)
          .split('\r\n')
          .slice(2, -1)
          .filter((_, i) => i % 2 === 0);
        const bytes = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
        expect([...touched].map(bytes).sort()).toEqual([...new Set(declared)].sort());
        compared++;
      },
    ),
    { numRuns: 3000 },
  );
  expect(compared).toBeGreaterThan(500);
});
