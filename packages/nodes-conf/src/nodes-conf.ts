// What a nodes.conf file says, as plain data: one node's memory of its cluster between two lives.

import { SlotSet } from '@slotmesh/crc16-slots';

/** A whole file. */
export interface NodesConf {
  /** In the order of the file. Exactly one is {@link NodesConfNode.isSelf}. */
  readonly nodes: readonly NodesConfNode[];
  /** The largest epoch that the node had seen. */
  readonly currentEpoch: number;
  /**
   * The last epoch in which the node voted. Null: the file does not say, so the node has no memory of its votes and
   * must not vote before it is safe again.
   */
  readonly lastVoteEpoch: number | null;
}

/** A slot on its way to or from another node. */
export interface OpenSlot {
  readonly slot: number;
  /** Node id of the other side. */
  readonly node: string;
}

/** One line. Text is '' and a port of clients 0 where nothing is known, unless said otherwise. */
export interface NodesConfNode {
  /** 40 characters of a-z and 0-9. */
  readonly id: string;
  readonly isSelf: boolean;
  /** IP text. */
  readonly host: string;
  /** Client port as the address has it: in a TLS cluster that Redis 7.0 wrote, the TLS port. */
  readonly port: number;
  readonly busPort: number;
  readonly hostname: string;

  readonly shardId: string;
  readonly nodename: string;
  /** The TCP and the TLS port where the file names them beside the address; null where it does not. */
  readonly tcpPort: number | null;
  readonly tlsPort: number | null;
  readonly clientIpv4: string;
  readonly clientIpv6: string;
  readonly clientTcpPort: number;
  readonly clientTlsPort: number;
  readonly availabilityZone: string;

  readonly role: 'primary' | 'replica' | 'unknown';
  /** Node id of the primary of a replica; null for primaries, and where it is not known. */
  readonly primary: string | null;
  readonly isPfail: boolean;
  readonly isFail: boolean;
  readonly hasNoAddress: boolean;
  readonly hasNoFailover: boolean;
  /** Unix milliseconds; 0 = no PING was waiting for its answer. */
  readonly pingSentMs: number;
  /** Unix milliseconds; 0 = never. */
  readonly pongReceivedMs: number;
  /** Of a replica, its primary's. */
  readonly configEpoch: number;
  readonly isConnected: boolean;
  readonly slots: SlotSet;
  /** Open slots by slot; only the node itself has any. */
  readonly migrating: readonly OpenSlot[];
  readonly importing: readonly OpenSlot[];
}

/** A node while it is being read. */
export type NodeDraft = { -readonly [Name in keyof NodesConfNode]: NodesConfNode[Name] };

/** A node of which nothing but its id is known yet. */
export function emptyNode(id: string): NodeDraft {
  return {
    id,
    isSelf: false,
    host: '',
    port: 0,
    busPort: 0,
    hostname: '',
    shardId: '',
    nodename: '',
    tcpPort: null,
    tlsPort: null,
    clientIpv4: '',
    clientIpv6: '',
    clientTcpPort: 0,
    clientTlsPort: 0,
    availabilityZone: '',
    role: 'unknown',
    primary: null,
    isPfail: false,
    isFail: false,
    hasNoAddress: false,
    hasNoFailover: false,
    pingSentMs: 0,
    pongReceivedMs: 0,
    configEpoch: 0,
    isConnected: false,
    slots: SlotSet.EMPTY,
    migrating: [],
    importing: [],
  };
}

/** A cluster of a thousand nodes takes 200 KB; this is room for all nodes that a table holds, with long labels. */
export const NODES_CONF_BYTES_MAX: number = 64 * 1024 * 1024;

/** Longest host: IPv6 text with a scope, as the bus carries it. */
export const HOST_LENGTH_MAX = 45;

/** Characters of an address that can stand in a line without being taken for a separator. */
const HOST = /^[0-9A-Za-z.:%_-]*$/;
const ID = /^[0-9a-z]{40}$/;

export function isNodeId(text: string): boolean {
  return ID.test(text);
}

export function isHost(text: string): boolean {
  return text.length <= HOST_LENGTH_MAX && HOST.test(text);
}

export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65535;
}

/** Decimal digits alone, at most 2^53 - 1; NaN for anything else. */
export function parseDecimal(text: string): number {
  if (text.length > 16 || !/^[0-9]+$/.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}
