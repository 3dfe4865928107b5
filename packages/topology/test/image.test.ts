import { SlotSet } from '@slotmesh/crc16-slots';
import { expect, it } from 'vitest';
import { type DurableTable, type LinkId, NO_NODE, nodesInOrder, StatusBit } from '../src/index.ts';
import { addressOf, hostname, idOf, tableOf } from './helpers.ts';

/** Everything that an image has, row by row. */
function said(table: DurableTable): unknown {
  const { self, currentEpoch, lastVoteEpoch, migratingSlots, importingSlots } = table;
  const rows = [...table.nodes()].map((node) => [
    node,
    table.idOf(node),
    table.addressOf(node),
    table.labelsOf(node),
    table.shardIdOf(node),
    table.slotsOf(node).toString(),
    table.primaryOf(node),
    table.configEpochOf(node),
    table.pingSentMs(node),
    table.pongReceivedMs(node),
    table.hasStatus(node, StatusBit.noAddress),
    table.isReplica(node),
    table.isPfail(node),
    table.isFail(node),
    table.isLinked(node),
  ]);
  const open = [[...migratingSlots], [...importingSlots]];
  return { self, currentEpoch, lastVoteEpoch, rows, open, order: nodesInOrder(table) };
}

it('an image says what the table said, and goes on saying it', () => {
  const { topology, add } = tableOf('a');
  const [b, c, d] = ['b', 'c', 'd'].map((name) => add(name));
  topology.assignSlots(SlotSet.parse('0-9'), topology.self);
  topology.assignSlots(SlotSet.parse('10-19'), b);
  topology.setReplicaOf(c, b);
  topology.setLabels(c, hostname('c.example'));
  topology.setShardId(b, idOf('s'));
  topology.setConfigEpoch(b, 7);
  topology.setPingSent(b, 1000);
  topology.setPongReceived(b, 2000);
  topology.setOutboundLink(b, 2 as LinkId);
  topology.setMigrating(3, b);
  topology.setImporting(13, b);
  topology.markPfail(c);
  topology.markFail(d, 5);
  topology.lastVoteEpoch = 6;

  const image = topology.image();
  const before = said(topology);
  expect(said(image)).toEqual(before);

  topology.removeNode(d);
  const e = add('e');
  topology.setAddress(b, addressOf(9999));
  topology.setPrimary(c);
  topology.setStatus(b, StatusBit.noAddress, true);
  topology.assignSlots(SlotSet.parse('0-19'), e);
  topology.closeSlot(3);
  topology.setPongReceived(b, 3000);
  topology.setConfigEpoch(b, 8);
  topology.currentEpoch = 20;
  expect(said(topology)).not.toEqual(before);
  expect(said(image)).toEqual(before);
});

it('ids lead to their rows, whatever rows were before', () => {
  const { topology, add } = tableOf('a');
  // As many as make the hints grow, and with ends in common, so that some share a place.
  const names = Array.from({ length: 500 }, (_, i) => `n${i}.`);
  for (const name of names) add(name);
  for (const name of names) expect(topology.idOf(topology.find(idOf(name)))).toBe(idOf(name));
  const gone = topology.find(idOf('n7.'));
  topology.removeNode(gone);
  expect(topology.find(idOf('n7.'))).toBe(NO_NODE);
  expect(topology.find('')).toBe(NO_NODE);
  expect(add('new')).toBe(gone);
  expect(topology.find(idOf('n7.'))).toBe(NO_NODE);
  expect(topology.find(idOf('new'))).toBe(gone);
  topology.renameNode(gone, idOf('n7.'));
  expect(topology.find(idOf('new'))).toBe(NO_NODE);
  expect(topology.find(idOf('n7.'))).toBe(gone);
});

it('a guess is the row of an id once it was looked up, and never that of another one', () => {
  const { topology, add } = tableOf('a');
  const nodes = Array.from({ length: 20 }, (_, i) => add(`n${i}.`));
  const named = nodes.map((node) => ({ node: topology.idOf(node) }));
  const rows = new Int32Array(32);
  topology.guess(named, rows);
  for (let i = 0; i < nodes.length; i++) expect([NO_NODE, nodes[i]]).toContain(rows[i]);
  topology.find(named[3].node);
  topology.guess(named, rows);
  expect(rows[3]).toBe(nodes[3]);
  topology.removeNode(nodes[3]);
  topology.guess([named[3], { node: '' }], rows);
  expect([rows[0], rows[1]]).toEqual([NO_NODE, NO_NODE]);
});
