// What files say of a node beside its address, and who can read it there. Redis 7.0 knows one hostname behind the
// address and takes everything up to the next space for it; from Redis 7.2 on `,name=value` pairs follow, and a reader
// refuses a file with a name that it does not know. So a writer must know its oldest reader. What that reader does not
// know goes into a pair of the `vars` line, which every reader skips if it does not know it:
//
//   slotmesh-nodes <id>,shard-id=...,nodename=...;<id>,...      or - where there is nothing to say

import { NodesConfError } from './errors.ts';
import {
  isNodeId,
  isPort,
  type NodeDraft,
  type NodesConfNode,
  parseDecimal,
} from './nodes-conf.ts';

/**
 * The oldest reader that must understand the file; each reads what those before it write. Redis 8 and Valkey 8.0 are
 * `redis7.2`. The default, `redis7.0`, is read by all, Redis 6 included.
 */
export type NodesConfDialect = 'redis7.0' | 'redis7.2' | 'valkey8.1' | 'valkey9.0' | 'valkey9.1';

const DIALECTS: readonly NodesConfDialect[] = [
  'redis7.0',
  'redis7.2',
  'valkey8.1',
  'valkey9.0',
  'valkey9.1',
];

/** For whom labels are written: what goes on a node's own line follows from it. */
export interface LabelAudience {
  readonly dialect: NodesConfDialect;
  /** Replicas whose shard id is not their primary's: real servers refuse a file that shows that. */
  readonly strayReplicas: ReadonlySet<string>;
}

/** One named field. */
interface Label {
  readonly name: string;
  readonly since: NodesConfDialect;
  /** The value as text, null where the node has none. */
  read(node: NodesConfNode): string | null;
  /** False: no such value is possible. */
  write(node: NodeDraft, value: string): boolean;
}

type TextField = 'hostname' | 'nodename' | 'clientIpv4' | 'clientIpv6' | 'availabilityZone';
type PortField = 'tcpPort' | 'tlsPort' | 'clientTcpPort' | 'clientTlsPort';

function textLabel(name: string, since: NodesConfDialect, field: TextField): Label {
  return {
    name,
    since,
    read: (node) => node[field] || null,
    write: (node, value) => {
      node[field] = value;
      return true;
    },
  };
}

/** `absent` is what the field holds where the file has no such label. */
function portLabel(
  name: string,
  since: NodesConfDialect,
  field: PortField,
  absent: 0 | null,
): Label {
  return {
    name,
    since,
    read: (node) => (node[field] === absent ? null : String(node[field])),
    write: (node, value) => {
      node[field] = parseDecimal(value);
      return isPort(node[field]);
    },
  };
}

const SHARD_ID: Label = {
  name: 'shard-id',
  since: 'redis7.2',
  read: (node) => node.shardId || null,
  write: (node, value) => {
    node.shardId = value;
    return isNodeId(value);
  },
};

const LABELS: readonly Label[] = [
  SHARD_ID,
  textLabel('nodename', 'redis7.2', 'nodename'),
  portLabel('tcp-port', 'redis7.2', 'tcpPort', null),
  portLabel('tls-port', 'redis7.2', 'tlsPort', null),
  textLabel('client-ipv4', 'valkey8.1', 'clientIpv4'),
  textLabel('client-ipv6', 'valkey8.1', 'clientIpv6'),
  portLabel('client-tcp-port', 'valkey9.0', 'clientTcpPort', 0),
  portLabel('client-tls-port', 'valkey9.0', 'clientTlsPort', 0),
  textLabel('availability-zone', 'valkey9.1', 'availabilityZone'),
];
/** Stands behind the address by place; by name only where its characters could not stand there. */
const HOSTNAME: Label = textLabel('hostname', 'redis7.0', 'hostname');

const byName = new Map(LABELS.map((label) => [label.name, label]));
const byNameInVars = new Map([...byName, [HOSTNAME.name, HOSTNAME]]);

/** Characters that Redis and Valkey refuse in a label, and those that would end it. */
const FORBIDDEN = /[!#$%&()*+;<>?@[\]^{|}~\s"'\\]/;
/** Characters that every reader takes: Redis refuses a colon, Valkey needs it for IPv6. */
const PLAIN = /^[0-9A-Za-z._-]*$/;
const PLAIN_IPV6 = /^[0-9A-Fa-f.:]*$/;

/** Reads `hostname` and `name=value` parts that follow the address in a line. */
export function readLineLabels(node: NodeDraft, parts: readonly string[], line: number): void {
  const [hostname = '', ...labels] = parts;
  if (hostname.includes('=') || FORBIDDEN.test(hostname)) {
    throw new NodesConfError('BAD_LABEL', line, `${quote(hostname)} cannot be a hostname`);
  }
  node.hostname = hostname;
  readLabels(node, labels, byName, (reason) => new NodesConfError('BAD_LABEL', line, reason));
}

/** What stands behind the address for that reader: nothing, or parts that each start with a comma. */
export function formatLineLabels(node: NodesConfNode, audience: LabelAudience): string {
  const labels = LABELS.filter((label) => isOnLine(label, node, audience)).map(
    (label) => `,${label.name}=${label.read(node)}`,
  );
  const hostname = PLAIN.test(node.hostname) ? node.hostname : '';
  return hostname === '' && labels.length === 0 ? '' : `,${hostname}${labels.join('')}`;
}

/** The value for the `vars` line: of each node what its own line does not hold. */
export function formatVarsLabels(nodes: readonly NodesConfNode[], audience: LabelAudience): string {
  const entries: string[] = [];
  for (const node of nodes) {
    const labels = LABELS.filter((label) => !isOnLine(label, node, audience));
    if (!PLAIN.test(node.hostname)) labels.push(HOSTNAME);
    const texts: string[] = [];
    for (const label of labels) {
      const value = label.read(node);
      if (value !== null) texts.push(`,${label.name}=${percentEncode(value)}`);
    }
    if (texts.length > 0) entries.push(`${node.id}${texts.join('')}`);
  }
  return entries.join(';') || '-';
}

/** Reads {@link formatVarsLabels}; names of later versions are skipped. */
export function readVarsLabels(
  nodes: ReadonlyMap<string, NodeDraft>,
  value: string,
  line: number,
): void {
  if (value === '-') return;
  const fail = (reason: string) => new NodesConfError('BAD_VARS', line, reason);
  for (const entry of value.split(';')) {
    const [id, ...labels] = entry.split(',');
    const node = nodes.get(id);
    if (node === undefined) throw fail(`labels of ${quote(id)}, which has no line`);
    const known = labels.filter((label) => byNameInVars.has(label.split('=', 1)[0]));
    readLabels(node, known.map(percentDecode), byNameInVars, fail);
  }
}

function readLabels(
  node: NodeDraft,
  labels: readonly string[],
  known: ReadonlyMap<string, Label>,
  fail: (reason: string) => NodesConfError,
): void {
  const seen = new Set<string>();
  for (const text of labels) {
    const [name, value, ...more] = text.split('=');
    const label = known.get(name);
    if (label === undefined) throw fail(`${quote(name)} is no label that is known`);
    if (value === undefined || (known === byName && (more.length > 0 || FORBIDDEN.test(value)))) {
      throw fail(`the label ${quote(text)} is not name=value`);
    }
    if (seen.has(name)) throw fail(`the label ${name} comes twice`);
    seen.add(name);
    const whole = [value, ...more].join('=');
    if (!label.write(node, whole)) throw fail(`${quote(whole)} cannot be a ${name}`);
  }
}

function isOnLine(label: Label, node: NodesConfNode, audience: LabelAudience): boolean {
  if (DIALECTS.indexOf(label.since) > DIALECTS.indexOf(audience.dialect)) return false;
  if (label === SHARD_ID && audience.strayReplicas.has(node.id)) return false;
  const value = label.read(node);
  if (value === null) return false;
  return (label.name === 'client-ipv6' ? PLAIN_IPV6 : PLAIN).test(value);
}

/** Percent signs and UTF-8, as in URLs, but of all that is not plain. */
function percentEncode(value: string): string {
  if (PLAIN.test(value)) return value;
  let text = '';
  for (const byte of new TextEncoder().encode(value)) {
    const character = String.fromCharCode(byte);
    text += PLAIN.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const isEscaped = text[i] === '%';
    bytes.push(isEscaped ? Number.parseInt(text.slice(i + 1, i + 3), 16) : text.charCodeAt(i));
    if (isEscaped) i += 2;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Text for an error message: JSON's quotes, and not more of it than one wants to read. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
