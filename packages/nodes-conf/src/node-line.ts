// One node's line: `id host:port@busport[,labels] flags primary ping pong epoch link slot...`. Rules that concern one
// line alone are checked here, those between nodes in check.ts.

import { SLOT_COUNT, type SlotRange, SlotSet } from '@slotmesh/crc16-slots';
import { NodesConfError, type NodesConfErrorCode } from './errors.ts';
import { formatLineLabels, type LabelAudience, quote, readLineLabels } from './labels.ts';
import {
  emptyNode,
  isHost,
  isNodeId,
  isPort,
  type NodeDraft,
  type NodesConfNode,
  type OpenSlot,
  parseDecimal,
} from './nodes-conf.ts';

/** Before 4.0 no line named the bus port. */
const BUS_PORT_OFFSET = 10_000;
const FIELDS_MIN = 8;

/** What a line said, or null for a node in handshake, which is nobody yet and is not kept. */
export function parseNodeLine(fields: readonly string[], line: number): NodeDraft | null {
  if (fields.length < FIELDS_MIN) {
    throw new NodesConfError(
      'TOO_FEW_FIELDS',
      line,
      `a node has ${FIELDS_MIN} fields or more, this line has ${fields.length}`,
    );
  }
  const [id, address, flags, primary, pingSent, pongReceived, epoch, link, ...slots] = fields;
  const reader = new LineReader(id, line);
  reader.address(address);
  reader.flags(flags);
  reader.primary(primary);
  reader.node.pingSentMs = reader.number(pingSent, 'the time of the last PING');
  reader.node.pongReceivedMs = reader.number(pongReceived, 'the time of the last PONG');
  reader.node.configEpoch = reader.number(epoch, 'the config epoch');
  reader.link(link);
  reader.slots(slots);
  return reader.isHandshake ? null : reader.node;
}

class LineReader {
  readonly node: NodeDraft;
  isHandshake = false;
  readonly #line: number;

  constructor(id: string, line: number) {
    this.#line = line;
    if (!isNodeId(id)) throw this.#error('BAD_ID', `${quote(id)} is no node id`);
    this.node = emptyNode(id);
  }

  /** `host:port[@busport][,hostname[,name=value]...]` */
  address(field: string): void {
    const [place, ...labels] = field.split(',');
    const colon = place.lastIndexOf(':');
    const [port, busPort, ...more] = place.slice(colon + 1).split('@');
    const { node } = this;
    node.host = place.slice(0, Math.max(colon, 0));
    node.port = parseDecimal(port);
    node.busPort = busPort === undefined ? node.port + BUS_PORT_OFFSET : parseDecimal(busPort);
    const isAddress = colon >= 0 && more.length === 0 && isHost(node.host);
    if (!isAddress || !isPort(node.port) || !isPort(node.busPort)) {
      throw this.#error('BAD_ADDRESS', `${quote(place)} is not host:port@busport`);
    }
    readLineLabels(node, labels, this.#line);
  }

  flags(field: string): void {
    const words = field.split(',');
    for (const word of words) if (!this.#flag(word)) this.#badFlags(field);
    const count = (word: string): number => (words.includes(word) ? 1 : 0);
    const isRepeated = new Set(words).size < words.length;
    const isTorn = count('master') + count('slave') > 1 || (count('noflags') && words.length > 1);
    if (isRepeated || isTorn) this.#badFlags(field);
  }

  /** False: no such flag. `fail?` and `fail` may come together: servers have written that. */
  #flag(word: string): boolean {
    const { node } = this;
    switch (word) {
      case 'myself':
        node.isSelf = true;
        return true;
      case 'master':
        node.role = 'primary';
        return true;
      case 'slave':
        node.role = 'replica';
        return true;
      case 'fail?':
        node.isPfail = true;
        return true;
      case 'fail':
        node.isFail = true;
        return true;
      case 'noaddr':
        node.hasNoAddress = true;
        return true;
      case 'nofailover':
        node.hasNoFailover = true;
        return true;
      case 'handshake':
        this.isHandshake = true;
        return true;
      default:
        return word === 'noflags';
    }
  }

  #badFlags(field: string): never {
    throw this.#error('BAD_FLAGS', `${quote(field)} are no flags of a node`);
  }

  primary(field: string): void {
    if (field === '-') return;
    if (!isNodeId(field)) {
      throw this.#error('BAD_ID', `${quote(field)} is no node id of a primary`);
    }
    this.node.primary = field;
  }

  number(field: string, what: string): number {
    const value = parseDecimal(field);
    if (!Number.isNaN(value)) return value;
    throw this.#error(
      'BAD_NUMBER',
      `${what} is ${quote(field)} and not a whole number up to 2^53 - 1`,
    );
  }

  link(field: string): void {
    this.node.isConnected = field === 'connected';
    if (!this.node.isConnected && field !== 'disconnected') {
      throw this.#error('BAD_LINK_STATE', `${quote(field)} is no state of a link`);
    }
  }

  /** `5461-10922`, `10923`, `[93->-id]` migrating, `[77-<-id]` importing. */
  slots(fields: readonly string[]): void {
    const ranges: SlotRange[] = [];
    const migrating: OpenSlot[] = [];
    const importing: OpenSlot[] = [];
    let count = 0;
    for (const field of fields) {
      if (field.startsWith('[')) {
        const { isMigrating, open } = this.#openSlot(field);
        (isMigrating ? migrating : importing).push(open);
      } else {
        const range = this.#range(field);
        count += range.end - range.start + 1;
        if (count > SLOT_COUNT) this.#slotTwice(); // before time is spent on more of the same
        ranges.push(range);
      }
    }
    if (ranges.length > 0) this.node.slots = SlotSet.fromRanges(ranges);
    if (this.node.slots.count < count) this.#slotTwice();
    this.node.migrating = migrating.sort((a, b) => a.slot - b.slot);
    this.node.importing = importing.sort((a, b) => a.slot - b.slot);
  }

  #slotTwice(): never {
    throw this.#error('SLOT_TWICE', 'the line names a slot twice');
  }

  #range(field: string): SlotRange {
    const [first, last = first, ...more] = field.split('-');
    const range = { start: parseDecimal(first), end: parseDecimal(last) };
    const isRange = range.start <= range.end && range.end < SLOT_COUNT && more.length === 0;
    if (!isRange) throw this.#error('BAD_SLOT', `${quote(field)} is no slot and no range of slots`);
    return range;
  }

  #openSlot(field: string): { isMigrating: boolean; open: OpenSlot } {
    const parts = /^\[(\d{1,5})-([<>])-([0-9a-z]{40})\]$/.exec(field);
    const slot = parts === null ? SLOT_COUNT : Number(parts[1]);
    if (parts === null || slot >= SLOT_COUNT) {
      throw this.#error('BAD_SLOT', `${quote(field)} is not [slot->-id] or [slot-<-id]`);
    }
    return { isMigrating: parts[2] === '>', open: { slot, node: parts[3] } };
  }

  #error(code: NodesConfErrorCode, reason: string): NodesConfError {
    return new NodesConfError(code, this.#line, reason);
  }
}

/** The line without its line feed. */
export function formatNodeLine(node: NodesConfNode, audience: LabelAudience): string {
  const fields = [
    node.id,
    `${node.host}:${node.port}@${node.busPort}${formatLineLabels(node, audience)}`,
    flagWords(node).join(','),
    node.primary ?? '-',
    node.pingSentMs,
    node.pongReceivedMs,
    node.configEpoch,
    node.isConnected ? 'connected' : 'disconnected',
  ];
  if (node.slots.count > 0) fields.push(node.slots.toString());
  for (const { slot, node: to } of node.migrating) fields.push(`[${slot}->-${to}]`);
  for (const { slot, node: from } of node.importing) fields.push(`[${slot}-<-${from}]`);
  return fields.join(' ');
}

function flagWords(node: NodesConfNode): string[] {
  const words: string[] = [];
  if (node.isSelf) words.push('myself');
  if (node.role !== 'unknown') words.push(node.role === 'primary' ? 'master' : 'slave');
  if (node.isPfail) words.push('fail?');
  if (node.isFail) words.push('fail');
  if (node.hasNoAddress) words.push('noaddr');
  if (node.hasNoFailover) words.push('nofailover');
  return words.length === 0 ? ['noflags'] : words;
}
