import { SlotSet } from '@slotmesh/crc16-slots';
import { Topology } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { type ClusterOptions, decideRoute, type Route, type RouteRequest } from '../src/index.ts';
import { DEFAULTS } from './support/defaults.ts';

const SLOT = 7;
const NONE = 8;

interface Case {
  readonly row: number;
  readonly what: string;
  readonly request?: Partial<RouteRequest>;
  readonly options?: Partial<ClusterOptions>;
  /** Keys named, and missing among them. */
  readonly keys?: readonly [count: number, missing: number];
  readonly state?: 'ok' | 'fail';
  readonly owner?: 'self' | 'other' | 'none' | 'myPrimary';
  readonly open?: 'migrating' | 'importing';
  readonly mayWrite?: boolean;
  readonly expected: string;
}

// The rows of the redirection table, in its order. Row 0 (a module that forbids redirections) and
// row 4 (MOVE, and COPY to another database, while a slot is open) do not occur here: there are no
// modules and one database.
const CASES: readonly Case[] = [
  { row: 1, what: 'two slots', request: { crossSlot: true }, expected: 'crossSlot' },
  {
    row: 1,
    what: 'two slots, also if the cluster is down',
    state: 'fail',
    request: { crossSlot: true },
    expected: 'crossSlot',
  },
  {
    row: 1,
    what: 'two slots, also if others own them',
    owner: 'other',
    request: { crossSlot: true },
    expected: 'crossSlot',
  },
  { row: 2, what: 'no key', request: { slot: -1 }, expected: 'serve' },
  {
    row: 2,
    what: 'no key while down',
    request: { slot: -1, write: true },
    state: 'fail',
    expected: 'serve',
  },
  {
    row: 2,
    what: 'no key without a lease',
    request: { slot: -1, write: true },
    mayWrite: false,
    expected: 'serve',
  },
  { row: 3, what: 'no owner', owner: 'none', expected: 'clusterDown slotNotServed' },
  {
    row: 3,
    what: 'no owner comes before two slots (Valkey 9 has it the other way round)',
    owner: 'none',
    request: { crossSlot: true },
    expected: 'clusterDown slotNotServed',
  },
  {
    row: 3,
    what: 'no owner comes before a state that is down',
    owner: 'none',
    state: 'fail',
    expected: 'clusterDown slotNotServed',
  },
  {
    row: 5,
    what: 'down, shard channel, not allowed',
    state: 'fail',
    request: { shardedPubSub: true },
    options: { allowPubsubShardWhenDown: false },
    expected: 'clusterDown down',
  },
  {
    row: 5,
    what: 'down, shard channel, not allowed, though reads are',
    state: 'fail',
    request: { shardedPubSub: true },
    options: { allowPubsubShardWhenDown: false, allowReadsWhenDown: true },
    expected: 'clusterDown down',
  },
  {
    row: 5,
    what: 'down, shard channel, allowed',
    state: 'fail',
    request: { shardedPubSub: true },
    expected: 'serve',
  },
  { row: 6, what: 'down, read', state: 'fail', expected: 'clusterDown down' },
  {
    row: 6,
    what: 'down, write',
    state: 'fail',
    request: { write: true },
    expected: 'clusterDown down',
  },
  {
    row: 6,
    what: 'down, slot of another node',
    state: 'fail',
    owner: 'other',
    expected: 'clusterDown down',
  },
  {
    row: 7,
    what: 'down, reads allowed, write',
    state: 'fail',
    request: { write: true },
    options: { allowReadsWhenDown: true },
    expected: 'clusterDown readOnly',
  },
  {
    row: 7,
    what: 'down, reads allowed, read',
    state: 'fail',
    options: { allowReadsWhenDown: true },
    expected: 'serve',
  },
  {
    row: 7,
    what: 'down, reads allowed, read of another node’s slot',
    state: 'fail',
    owner: 'other',
    options: { allowReadsWhenDown: true },
    expected: 'moved 7 other',
  },
  {
    row: 8,
    what: 'MIGRATE while migrating',
    open: 'migrating',
    keys: [1, 1],
    request: { isMigrate: true, write: true },
    expected: 'serve',
  },
  {
    row: 8,
    what: 'MIGRATE while importing',
    owner: 'other',
    open: 'importing',
    keys: [1, 1],
    request: { isMigrate: true, write: true },
    expected: 'serve',
  },
  {
    row: 8,
    what: 'MIGRATE of a slot that is not open',
    owner: 'other',
    request: { isMigrate: true, write: true },
    expected: 'moved 7 other',
  },
  {
    row: 9,
    what: 'migrating, some keys gone',
    open: 'migrating',
    keys: [2, 1],
    expected: 'tryAgain',
  },
  {
    row: 10,
    what: 'migrating, the key gone',
    open: 'migrating',
    keys: [1, 1],
    expected: 'ask 7 other',
  },
  {
    row: 10,
    what: 'migrating, all keys gone',
    open: 'migrating',
    keys: [3, 3],
    expected: 'ask 7 other',
  },
  {
    row: 10,
    what: 'migrating, all keys there',
    open: 'migrating',
    keys: [3, 0],
    expected: 'serve',
  },
  { row: 10, what: 'migrating, presence not asked (MULTI)', open: 'migrating', expected: 'serve' },
  {
    row: 10,
    what: 'migrating, shard channel',
    open: 'migrating',
    keys: [1, 1],
    request: { shardedPubSub: true },
    expected: 'serve',
  },
  {
    row: 11,
    what: 'importing, ASKING, some of several keys missing',
    owner: 'other',
    open: 'importing',
    keys: [2, 1],
    request: { asking: true },
    expected: 'tryAgain',
  },
  {
    row: 11,
    what: 'importing, ASKING, all of several keys missing',
    owner: 'other',
    open: 'importing',
    keys: [2, 2],
    request: { asking: true },
    expected: 'tryAgain',
  },
  {
    row: 12,
    what: 'importing, ASKING, one key, missing',
    owner: 'other',
    open: 'importing',
    keys: [1, 1],
    request: { asking: true, write: true },
    expected: 'serve',
  },
  {
    row: 12,
    what: 'importing, ASKING, several keys, all there',
    owner: 'other',
    open: 'importing',
    keys: [2, 0],
    request: { asking: true },
    expected: 'serve',
  },
  {
    row: 12,
    what: 'importing, no ASKING',
    owner: 'other',
    open: 'importing',
    keys: [1, 0],
    expected: 'moved 7 other',
  },
  {
    row: 12,
    what: 'ASKING, but the slot is not open',
    owner: 'other',
    request: { asking: true },
    expected: 'moved 7 other',
  },
  {
    row: 13,
    what: 'my primary’s slot, READONLY, read',
    owner: 'myPrimary',
    request: { readonlyClient: true },
    expected: 'serve',
  },
  {
    row: 13,
    what: 'my primary’s slot, shard channel',
    owner: 'myPrimary',
    request: { shardedPubSub: true },
    expected: 'serve',
  },
  {
    row: 13,
    what: 'my primary’s slot, READONLY, write',
    owner: 'myPrimary',
    request: { readonlyClient: true, write: true },
    expected: 'moved 7 other',
  },
  {
    row: 13,
    what: 'my primary’s slot, no READONLY',
    owner: 'myPrimary',
    expected: 'moved 7 other',
  },
  {
    row: 13,
    what: 'READONLY at a primary that does not own the slot',
    owner: 'other',
    request: { readonlyClient: true },
    expected: 'moved 7 other',
  },
  { row: 14, what: 'another node’s slot', owner: 'other', expected: 'moved 7 other' },
  {
    row: 14,
    what: 'a write to another node’s slot does not need our lease',
    owner: 'other',
    request: { write: true },
    mayWrite: false,
    expected: 'moved 7 other',
  },
  { row: 15, what: 'own slot, read', expected: 'serve' },
  { row: 15, what: 'own slot, write', request: { write: true }, expected: 'serve' },
  { row: 15, what: 'own slot, read without a lease', mayWrite: false, expected: 'serve' },
  {
    row: 15,
    what: 'own slot, write without a lease',
    request: { write: true },
    mayWrite: false,
    expected: 'clusterDown down',
  },
];

function tableFor(test: Case): Topology {
  const address = { host: '127.0.0.1', port: 7000, altPort: 0, busPort: 17000 };
  const topology = new Topology({ id: 'a'.repeat(40), address, createdMs: 0 });
  const other = topology.addNode({ id: 'b'.repeat(40), address, createdMs: 0 });
  const owner = test.owner ?? 'self';
  if (owner === 'myPrimary') topology.setReplicaOf(topology.self, other);
  if (owner !== 'none') {
    topology.assignSlots(SlotSet.of(SLOT, NONE), owner === 'self' ? topology.self : other);
  }
  if (test.open === 'migrating') topology.setMigrating(SLOT, other);
  if (test.open === 'importing') topology.setImporting(SLOT, other);
  topology.clusterState = test.state ?? 'ok';
  return topology;
}

function show(route: Route, topology: Topology): string {
  switch (route.kind) {
    case 'moved':
    case 'ask':
      return `${route.kind} ${route.slot} ${route.node === topology.self ? 'self' : 'other'}`;
    case 'clusterDown':
      return `clusterDown ${route.reason}`;
    default:
      return route.kind;
  }
}

describe('the redirection table', () => {
  it.each(CASES)('row $row: $what', (test) => {
    const topology = tableFor(test);
    const { keys } = test;
    const request: RouteRequest = {
      slot: SLOT,
      crossSlot: false,
      write: false,
      shardedPubSub: false,
      isMigrate: false,
      readonlyClient: false,
      asking: false,
      presence: keys === undefined ? null : { keyCount: keys[0], missingCount: () => keys[1] },
      ...test.request,
    };
    const options = { ...DEFAULTS, ...test.options };
    const route = decideRoute(topology, options, request, test.mayWrite ?? true);
    expect(show(route, topology)).toBe(test.expected);
  });

  it('has a case for each of its rows', () => {
    const rows = new Set(CASES.map((test) => test.row));
    expect([...rows].sort((a, b) => a - b)).toEqual([
      1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ]);
  });

  it('answers "here" with one and the same object', () => {
    const topology = tableFor({ row: 15, what: '', expected: '' });
    const request: RouteRequest = {
      slot: SLOT,
      crossSlot: false,
      write: true,
      shardedPubSub: false,
      isMigrate: false,
      readonlyClient: false,
      asking: false,
      presence: null,
    };
    const first = decideRoute(topology, DEFAULTS, request, true);
    expect(decideRoute(topology, DEFAULTS, { ...request, slot: NONE }, true)).toBe(first);
  });
});
