// What must be true between the nodes of a configuration, whatever it came from: a file, its JSON form, or a caller who
// wants it written. A file that breaks one of these rules was cut, altered or mixed up, and is not guessed at.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NodesConfError, type NodesConfErrorCode } from './errors.ts';
import { quote } from './labels.ts';
import { isHost, isNodeId, isPort, type NodesConf, type NodesConfNode } from './nodes-conf.ts';

/** A configuration that did not come from a file: its values, and what holds between its nodes. */
export function checkConf(conf: NodesConf): void {
  conf.nodes.forEach(checkValues);
  checkNumber(conf.currentEpoch, 'currentEpoch');
  checkNumber(conf.lastVoteEpoch ?? 0, 'lastVoteEpoch');
  checkNodes(conf.nodes);
}

/** `lineOf` gives the line of a node of the list, 0 where there are no lines. */
export function checkNodes(
  nodes: readonly NodesConfNode[],
  lineOf: (index: number) => number = () => 0,
): void {
  const byId = new Map<string, NodesConfNode>();
  nodes.forEach((node, index) => {
    if (byId.has(node.id)) {
      throw new NodesConfError('DUPLICATE_NODE', lineOf(index), `${node.id} has a line already`);
    }
    byId.set(node.id, node);
  });
  checkSelf(nodes, lineOf);
  const slotOwners = new Uint8Array(SLOT_COUNT);
  nodes.forEach((node, index) => {
    const fail: Fail = (code, reason) => {
      throw new NodesConfError(code, lineOf(index), reason);
    };
    checkPrimary(node, byId, fail);
    checkSlots(node, slotOwners, fail);
    checkOpenSlots(node, byId, fail);
  });
  checkCircles(nodes, byId, lineOf);
}

type Fail = (code: NodesConfErrorCode, reason: string) => never;

function checkSelf(nodes: readonly NodesConfNode[], lineOf: (index: number) => number): void {
  const first = nodes.findIndex((node) => node.isSelf);
  const last = nodes.findLastIndex((node) => node.isSelf);
  if (first < 0) throw new NodesConfError('NO_MYSELF', 0, 'no node is myself');
  if (first !== last) {
    throw new NodesConfError('TWO_MYSELF', lineOf(last), 'another node is myself already');
  }
}

function checkPrimary(
  node: NodesConfNode,
  byId: ReadonlyMap<string, NodesConfNode>,
  fail: Fail,
): void {
  if (node.primary === null) return;
  if (node.role !== 'replica') fail('BAD_PRIMARY', 'a node that is no replica follows another');
  if (node.primary === node.id) fail('BAD_PRIMARY', 'the node follows itself');
  if (!byId.has(node.primary)) fail('UNKNOWN_NODE', `its primary ${node.primary} has no line`);
}

function checkSlots(node: NodesConfNode, slotOwners: Uint8Array, fail: Fail): void {
  if (node.slots.count === 0) return;
  if (node.role === 'replica') fail('REPLICA_WITH_SLOTS', 'a replica owns slots');
  // By ranges: this runs at every save, and a step for each of 16384 slots would be most of its cost.
  for (const { start, end } of node.slots.ranges()) {
    const twice = slotOwners.subarray(start, end + 1).indexOf(1);
    if (twice !== -1) fail('SLOT_TWICE', `slot ${start + twice} has another owner already`);
    slotOwners.fill(1, start, end + 1);
  }
}

function checkOpenSlots(
  node: NodesConfNode,
  byId: ReadonlyMap<string, NodesConfNode>,
  fail: Fail,
): void {
  const seen = new Set<number>();
  for (const { slot, node: peer } of [...node.migrating, ...node.importing]) {
    if (!node.isSelf) fail('BAD_OPEN_SLOT', 'open slots of another node than this one');
    if (seen.has(slot)) fail('BAD_OPEN_SLOT', `slot ${slot} is open twice`);
    if (!byId.has(peer))
      fail('UNKNOWN_NODE', `slot ${slot} is open towards ${peer}: it has no line`);
    if (peer === node.id) fail('BAD_OPEN_SLOT', `slot ${slot} is open towards the node itself`);
    seen.add(slot);
  }
}

/** Each chain of primaries is followed once: nodes that were seen to end well are not walked again. */
function checkCircles(
  nodes: readonly NodesConfNode[],
  byId: ReadonlyMap<string, NodesConfNode>,
  lineOf: (index: number) => number,
): void {
  const ends = new Set<NodesConfNode>();
  nodes.forEach((start, index) => {
    const chain = new Set<NodesConfNode>();
    let node: NodesConfNode | undefined = start;
    while (node !== undefined && !ends.has(node)) {
      if (chain.has(node)) {
        throw new NodesConfError(
          'REPLICATION_CYCLE',
          lineOf(index),
          `following the primaries of ${start.id} leads in a circle`,
        );
      }
      chain.add(node);
      node = node.primary === null ? undefined : byId.get(node.primary);
    }
    for (const one of chain) ends.add(one);
  });
}

/** What the types leave open: values that would not come back from a line as they went in. */
function checkValues(node: NodesConfNode): void {
  if (!isNodeId(node.id)) throw new NodesConfError('BAD_ID', 0, `${quote(node.id)} is no node id`);
  if (node.shardId !== '' && !isNodeId(node.shardId)) {
    throw new NodesConfError('BAD_ID', 0, `${quote(node.shardId)} is no shard id`);
  }
  if (!isHost(node.host)) {
    throw new NodesConfError('BAD_ADDRESS', 0, `${quote(node.host)} is no host of a node`);
  }
  const { port, busPort, tcpPort, tlsPort, clientTcpPort, clientTlsPort } = node;
  const ports = [port, busPort, tcpPort ?? 0, tlsPort ?? 0, clientTcpPort, clientTlsPort];
  const bad = ports.find((each) => !isPort(each));
  if (bad !== undefined) throw new NodesConfError('BAD_ADDRESS', 0, `${bad} is no port`);
  const open = [...node.migrating, ...node.importing].find(({ slot }) => !isSlot(slot));
  if (open !== undefined) throw new NodesConfError('BAD_SLOT', 0, `${open.slot} is no slot`);
  checkNumber(node.pingSentMs, 'pingSentMs');
  checkNumber(node.pongReceivedMs, 'pongReceivedMs');
  checkNumber(node.configEpoch, 'configEpoch');
}

function checkNumber(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new NodesConfError(
    'BAD_NUMBER',
    0,
    `${name} is ${value} and not a whole number up to 2^53 - 1`,
  );
}

function isSlot(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < SLOT_COUNT;
}
