// What a script can wait for, or say that it must be so: nodes, and what holds of each of them.

import type { SlotSet } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex, StatusBit } from '@slotmesh/topology';
import type { ClusterNode } from '../world/cluster-node.ts';
import { nameOf } from './names.ts';
import type { Stage } from './stage.ts';
import { bad, type NodeSet, parseNode, type Words } from './words.ts';

/** Null: it holds; else why it does not. */
export type Condition = (stage: Stage) => string | null;

type Test = (stage: Stage, node: ClusterNode) => string | null;

const HEALTHS = ['ok', 'pfail', 'fail', 'handshake', 'noaddr', 'primary', 'replica'] as const;
export type Health = (typeof HEALTHS)[number];

/** How each condition is written, and what it means. */
export const CONDITIONS: readonly (readonly [usage: string, meaning: string])[] = [
  [
    'NODES agree',
    'they know each other and nobody else, say the same of everything, suspect nobody',
  ],
  ['NODES know NODES', 'those are in their tables'],
  ['NODES ignore NODES', 'those are not in their tables'],
  ['NODES know N nodes', 'their tables have so many rows, their own included'],
  [`NODES see NODES ${HEALTHS.join('|')}`, 'what their tables say of those'],
  ['NODES find NODES at HOST:PORT', 'where their tables have those'],
  ['NODES give SLOTS to NODE|nobody', 'whose those slots are in their tables'],
  ['NODES are ok|fail', 'the state of the cluster in their eyes'],
  ['NODES are open|closed', 'whether their lease lets them take writes'],
  ['NODES are up|down', 'whether their processes exist'],
  ['NODES have epoch N', 'their current epoch'],
  ['NODES have config epoch N', 'their own config epoch'],
  ['NODES have no keys', 'they hold no key'],
];

/** Reads a condition; the verb may have an s. */
export function parseCondition(words: Words): Condition {
  const who = words.nodes();
  const verb = words
    .next('a verb')
    .replace(/^has$/, 'have')
    .replace(/^is$/, 'are')
    .replace(/s$/, '');
  if (verb === 'agree') return (stage) => stage.disagreement(who);
  const test = parseTest(verb, words);
  return (stage) => {
    for (const node of stage.nodes(who)) {
      const isAsked = node.isUp || verb === 'are';
      const why = isAsked ? test(stage, node) : 'is down';
      if (why !== null) return `${nameOf(node.index)} ${why}`;
    }
    return null;
  };
}

function parseTest(verb: string, words: Words): Test {
  switch (verb) {
    case 'know':
      return /^\d/.test(words.peek ?? '') ? parseSize(words) : knowing(words.nodes(), true);
    case 'ignore':
      return knowing(words.nodes(), false);
    case 'see':
      return seeing(words.nodes(), words.oneOf('health', HEALTHS));
    case 'find':
      return parsePlaces(words);
    case 'give':
      return parseOwner(words);
    case 'are':
      return STATES[words.oneOf('state', STATE_NAMES)];
    case 'have':
      return parseHaving(words);
    default:
      throw bad(`'${verb}' is no verb of a condition`);
  }
}

function parseSize(words: Words): Test {
  const size = words.number('number of nodes');
  words.need('nodes');
  return (_stage, { topology }) => (topology.size === size ? null : `knows ${topology.size} nodes`);
}

/** Each of those, as far as they are others. */
function ofOthers(
  set: NodeSet,
  test: (node: ClusterNode, other: ClusterNode) => string | null,
): Test {
  return (stage, node) => {
    for (const other of stage.nodes(set, [node])) {
      const why = other === node ? null : test(node, other);
      if (why !== null) return why;
    }
    return null;
  };
}

function knowing(set: NodeSet, isWanted: boolean): Test {
  return ofOthers(set, ({ topology }, other) => {
    const isKnown = topology.find(other.id) !== NO_NODE;
    if (isKnown === isWanted) return null;
    return `${isKnown ? 'knows' : 'does not know'} ${nameOf(other.index)}`;
  });
}

function seeing(set: NodeSet, health: Health): Test {
  return ofOthers(set, ({ topology }, other) => {
    const node = topology.find(other.id);
    if (node === NO_NODE) return `does not know ${nameOf(other.index)}`;
    const seen = [healthOf(topology, node), topology.isReplica(node) ? 'replica' : 'primary'];
    return seen.includes(health) ? null : `sees ${nameOf(other.index)} ${seen.join(', ')}`;
  });
}

/** As far as it can be told in a word. */
export function healthOf(topology: ClusterNode['topology'], node: NodeIndex): Health {
  if (topology.hasStatus(node, StatusBit.handshake)) return 'handshake';
  if (topology.isFail(node)) return 'fail';
  if (topology.isPfail(node)) return 'pfail';
  return topology.hasStatus(node, StatusBit.noAddress) ? 'noaddr' : 'ok';
}

function parsePlaces(words: Words): Test {
  const set = words.nodes();
  words.need('at');
  const place = words.next('HOST:PORT');
  return ofOthers(set, ({ topology }, other) => {
    const node = topology.find(other.id);
    if (node === NO_NODE) return `does not know ${nameOf(other.index)}`;
    const { host, port } = topology.addressOf(node);
    return `${host}:${port}` === place ? null : `finds ${nameOf(other.index)} at ${host}:${port}`;
  });
}

function parseOwner(words: Words): Test {
  const slots = words.slots();
  words.need('to');
  if (words.take('nobody')) return owning(slots, () => NO_NODE);
  const owner = parseNode(words.next('a node'));
  return owning(slots, (stage, { topology }) => topology.find(stage.node(owner).id));
}

function owning(slots: SlotSet, ownerOf: (stage: Stage, node: ClusterNode) => NodeIndex): Test {
  return (stage, node) => {
    const { topology } = node;
    const wanted = ownerOf(stage, node);
    for (const slot of slots) {
      const owner = topology.ownerOf(slot);
      if (owner === wanted) continue;
      const name = owner === NO_NODE ? 'nobody' : stage.ids.of(topology.idOf(owner));
      return `gives ${slot} to ${name}`;
    }
    return null;
  };
}

const STATE_NAMES = ['ok', 'fail', 'open', 'closed', 'up', 'down'] as const;

const STATES: Readonly<Record<(typeof STATE_NAMES)[number], Test>> = {
  ok: stateTest('ok'),
  fail: stateTest('fail'),
  open: leaseTest(true),
  closed: leaseTest(false),
  up: (_stage, node) => (node.isUp ? null : 'is down'),
  down: (_stage, node) => (node.isUp ? 'is up' : null),
};

function stateTest(state: 'ok' | 'fail'): Test {
  return (_stage, { isUp, topology }) => {
    if (!isUp) return 'is down';
    return topology.clusterState === state ? null : `is ${topology.clusterState}`;
  };
}

function leaseTest(isOpen: boolean): Test {
  return (stage, node) => {
    if (!node.isUp) return 'is down';
    const mayWrite = node.core.mayWrite(node.clock.read(stage.world.nowMs));
    return mayWrite === isOpen ? null : `is ${mayWrite ? 'open' : 'closed'}`;
  };
}

function parseHaving(words: Words): Test {
  if (words.take('no')) {
    words.need('keys');
    return (_stage, { keys }) => (keys.size === 0 ? null : `has keys in ${keys.size} slots`);
  }
  const isConfig = words.take('config');
  words.need('epoch');
  const epoch = words.number('epoch');
  return (_stage, { topology }) => {
    const own = isConfig ? topology.configEpochOf(topology.self) : topology.currentEpoch;
    return own === epoch ? null : `has ${isConfig ? 'config ' : ''}epoch ${own}`;
  };
}
