// The event log: one line an event, in fixed columns: time in seconds, node, what, detail.
//
//      12.340  n3    <- ping                  on 14: from n2, epoch 7/3, 5461 slots; 3 entries, n4 pfail

import type { ClusterEffect, ClusterInput } from '@slotmesh/cluster-core';
import { SlotSet } from '@slotmesh/crc16-slots';
import { describeMessage, slots } from './describe-message.ts';
import type { NodeNames } from './names.ts';
import type { TraceRecord } from './trace-sink.ts';

const TIME_WIDTH = 10;
const NODE_WIDTH = 6;
const WHAT_WIDTH = 25;
/** Lists that are longer are told by their length. */
const LIST_LENGTH_MAX = 8;

/** Whether a record is worth a line: ticks, and the ends of batches, are not. */
export function isTold(record: TraceRecord): boolean {
  if (record.kind === 'input' || record.kind === 'replicationInput') {
    return record.input.kind !== 'tick';
  }
  return record.kind !== 'settle' && record.kind !== 'replicationSettle';
}

/** The line of a record, without a line feed. */
export function logLine(record: TraceRecord, names: NodeNames): string {
  const [what, detail] = describeRecord(record, names);
  const time = (record.atMs / 1000).toFixed(3).padStart(TIME_WIDTH);
  const node = (record.node < 0 ? '-' : `n${record.node}`).padEnd(NODE_WIDTH);
  return `${time}  ${node}${what.padEnd(WHAT_WIDTH)}${detail}`.trimEnd();
}

/** What, and the detail. */
function describeRecord(record: TraceRecord, names: NodeNames): readonly [string, string] {
  switch (record.kind) {
    case 'start':
      return ['start', describeStart(record.conf, names)];
    case 'stop':
      return ['stop', record.why];
    case 'input':
      return describeInput(record.input, names);
    case 'dataLoaded':
      return ['data', record.isMissing ? 'there were none to load' : 'loaded'];
    case 'command': {
      const { command, outcome } = record;
      const words = fields(command, names);
      return [`! ${command.kind}`, `${words === '' ? '' : `${words}: `}${outcome.text}`];
    }
    case 'settle':
      return ['settle', ''];
    case 'effect':
      return describeEffect(record.effect, names);
    case 'options':
      return ['options', fields(record.options, names)];
    case 'keys':
      return ['keys', `slot ${record.slot}: ${record.count}`];
    case 'replicationStart':
      return ['replication', record.saved === null ? 'of no data' : fields(record.saved, names)];
    case 'replicationInput':
      return [`<= ${record.input.kind}`, fields(record.input, names)];
    case 'replicationSettle':
      return ['settle', ''];
    case 'replicationEffect': {
      const { effect } = record;
      return effect.kind === 'notice'
        ? [`* ${effect.notice.kind}`, fields(effect.notice, names)]
        : [`=> ${effect.kind}`, fields(effect, names)];
    }
    case 'append':
      return ['append', record.words.join(' ')];
    case 'applied':
      return ['applied', `${record.bytes} bytes`];
    case 'loading':
      return ['loading', String(record.isLoading)];
    case 'environment':
      return [`~ ${record.what}`, names.inText(record.detail)];
    default:
      return record satisfies never;
  }
}

/** How many nodes a process knew when it started, and its epochs. */
function describeStart(conf: string, names: NodeNames): string {
  const lines = conf.trimEnd().split('\n');
  const vars = lines.pop() ?? '';
  const word = (name: string) => new RegExp(`\\b${name} (\\d+)`).exec(vars)?.[1] ?? '?';
  const others = lines.length - 1;
  const known = others === 0 ? 'alone' : `knows ${others} ${others === 1 ? 'other' : 'others'}`;
  const self = lines.find((line) => line.includes('myself'))?.slice(0, 40) ?? '';
  return `${self.slice(0, 8)} (${names.of(self)}), ${known}, epoch ${word('currentEpoch')}`;
}

function describeInput(input: ClusterInput, names: NodeNames): readonly [string, string] {
  switch (input.kind) {
    case 'message': {
      const { link, message } = input;
      return [`<- ${message.kind}`, `on ${link}: ${describeMessage(message, names, 'received')}`];
    }
    case 'linkUp':
      return ['<- link up', `${input.link}: ${input.remoteHost} to ${input.localHost}`];
    case 'linkDown':
      return ['<- link down', `${input.link}`];
    case 'publish':
    case 'tick':
      return [`<- ${input.kind}`, fields(input, names)];
    default:
      return input satisfies never;
  }
}

function describeEffect(effect: ClusterEffect, names: NodeNames): readonly [string, string] {
  switch (effect.kind) {
    case 'send': {
      const { link, message } = effect;
      return [`-> ${message.kind}`, `on ${link}: ${describeMessage(message, names, 'sent')}`];
    }
    case 'notice':
      return [`* ${effect.notice.kind}`, fields(effect.notice, names)];
    case 'persist':
    case 'connect':
    case 'disconnect':
    case 'deliver':
    case 'slotsLost':
    case 'follow':
    case 'promote':
    case 'pauseWrites':
    case 'resumeWrites':
    case 'emptyData':
      return [`-> ${effect.kind}`, fields(effect, names)];
    default:
      return effect satisfies never;
  }
}

/** The fields of plain data but for its kind: "link=4 address=10.0.0.1:7000@17000". */
function fields(data: object, names: NodeNames): string {
  return Object.entries(data)
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${name}=${shown(value, names)}`)
    .join(' ');
}

function shown(value: unknown, names: NodeNames): string {
  if (typeof value === 'string') return value === '' ? '-' : names.inText(value);
  if (value instanceof SlotSet) return slots(value);
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (Array.isArray(value)) return shownList(value, names);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('host' in value && 'port' in value && 'busPort' in value && !('hostname' in value)) {
    return `${value.host === '' ? '?' : value.host}:${value.port}@${value.busPort}`;
  }
  return `{${fields(value, names)}}`;
}

function shownList(list: readonly unknown[], names: NodeNames): string {
  if (list.length > LIST_LENGTH_MAX) return `(${list.length})`;
  return `[${list.map((item) => shown(item, names)).join(' ')}]`;
}
