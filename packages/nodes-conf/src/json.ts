// The same as JSON: for tools, tests and people. Slots are text, such as `0-5460 10923`; everything else is as it is in
// memory. What comes from outside is checked field by field.

import { SlotRangeError, SlotSet } from '@slotmesh/crc16-slots';
import { checkConf } from './check.ts';
import { NodesConfError } from './errors.ts';
import { emptyNode, type NodesConf, type NodesConfNode, type OpenSlot } from './nodes-conf.ts';

/** {@link NodesConfNode} with its slots as text. */
export type NodesConfNodeJson = Omit<NodesConfNode, 'slots'> & { readonly slots: string };

/** What `JSON.stringify` takes and `JSON.parse` gives. */
export interface NodesConfJson {
  readonly nodes: readonly NodesConfNodeJson[];
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number | null;
}

/** The configuration as a value that JSON can hold. */
export function nodesConfToJson(conf: NodesConf): NodesConfJson {
  const nodes = conf.nodes.map((node) => ({ ...node, slots: node.slots.toString() }));
  return { nodes, currentEpoch: conf.currentEpoch, lastVoteEpoch: conf.lastVoteEpoch };
}

/**
 * Reads what `JSON.parse` gave. A node needs its `id`; other fields that are left out have the value of a node of which
 * nothing is known, fields that nobody knows are refused. Throws {@link NodesConfError}.
 */
export function nodesConfFromJson(value: unknown): NodesConf {
  const fields = new Map(entriesOf(value, 'the configuration'));
  const conf: NodesConf = {
    nodes: list(readNode)(fields.get('nodes'), 'nodes'),
    currentEpoch: number(fields.get('currentEpoch'), 'currentEpoch'),
    lastVoteEpoch: orNull(number)(fields.get('lastVoteEpoch'), 'lastVoteEpoch'),
  };
  for (const name of fields.keys()) if (!Object.hasOwn(conf, name)) throw unknown(name);
  checkConf(conf);
  return conf;
}

/** Gives the value back with its type, or throws. */
type Reader<T> = (value: unknown, name: string) => T;

const text = primitive<string>('string', 'text');
const number = primitive<number>('number', 'a number');
const flag = primitive<boolean>('boolean', 'true or false');

/** One reader for each field: a field that is forgotten here does not compile. */
const NODE_FIELDS: { readonly [Name in keyof NodesConfNode]: Reader<NodesConfNode[Name]> } = {
  id: text,
  isSelf: flag,
  host: text,
  port: number,
  busPort: number,
  hostname: text,
  shardId: text,
  nodename: text,
  tcpPort: orNull(number),
  tlsPort: orNull(number),
  clientIpv4: text,
  clientIpv6: text,
  clientTcpPort: number,
  clientTlsPort: number,
  availabilityZone: text,
  role,
  primary: orNull(text),
  isPfail: flag,
  isFail: flag,
  hasNoAddress: flag,
  hasNoFailover: flag,
  pingSentMs: number,
  pongReceivedMs: number,
  configEpoch: number,
  isConnected: flag,
  slots,
  migrating: list(openSlot),
  importing: list(openSlot),
};
const nodeReaders = new Map<string, Reader<unknown>>(Object.entries(NODE_FIELDS));

function readNode(value: unknown, name: string): NodesConfNode {
  const fields = entriesOf(value, name).map(([field, inner]) => {
    const reader = nodeReaders.get(field);
    if (reader === undefined) throw unknown(`${name}.${field}`);
    return [field, reader(inner, `${name}.${field}`)];
  });
  return { ...emptyNode(''), ...Object.fromEntries(fields) };
}

function primitive<T>(type: string, description: string): Reader<T> {
  return (value, name) => {
    if (typeof value !== type)
      throw new NodesConfError('BAD_JSON', 0, `${name} is not ${description}`);
    return value as T;
  };
}

function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, name) => (value === null ? null : reader(value, name));
}

function list<T>(reader: Reader<T>): Reader<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw new NodesConfError('BAD_JSON', 0, `${name} is not a list`);
    return value.map((item, index) => reader(item, `${name}[${index}]`));
  };
}

function role(value: unknown, name: string): NodesConfNode['role'] {
  if (value === 'primary' || value === 'replica' || value === 'unknown') return value;
  throw new NodesConfError('BAD_JSON', 0, `${name} is not primary, replica or unknown`);
}

function slots(value: unknown, name: string): SlotSet {
  try {
    return SlotSet.parse(text(value, name));
  } catch (error) {
    if (!(error instanceof SlotRangeError)) throw error;
    throw new NodesConfError('BAD_SLOT', 0, `${name}: ${error.message}`);
  }
}

function openSlot(value: unknown, name: string): OpenSlot {
  const fields = new Map(entriesOf(value, name));
  return {
    slot: number(fields.get('slot'), `${name}.slot`),
    node: text(fields.get('node'), `${name}.node`),
  };
}

function entriesOf(value: unknown, name: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw new NodesConfError('BAD_JSON', 0, `${name} is not an object`);
}

function unknown(name: string): NodesConfError {
  return new NodesConfError('BAD_JSON', 0, `there is no field ${name}`);
}
