// The memory of ids and hosts: it must never give another field's text, however many there are.

import { describe, expect, it } from 'vitest';
import {
  decodeBusMessage,
  encodeBusMessage,
  type GossipEntry,
  type PingMessage,
} from '../src/index.ts';
import { bareHeader } from './frames.ts';

const entry = (node: string, host: string): GossipEntry => {
  return { node, pingSentS: 1, pongReceivedS: 2, host, port: 3, altPort: 4, busPort: 5, flags: 6 };
};

function ping(gossip: GossipEntry[]): PingMessage {
  return { kind: 'ping', header: bareHeader, gossip, extensions: [] };
}

function sentBack(message: PingMessage): PingMessage {
  const decoded = decodeBusMessage(encodeBusMessage(message));
  if (decoded.kind !== 'ping') throw new Error(`a ${decoded.kind} came back`);
  return decoded;
}

describe('ids and hosts', () => {
  it('stay themselves when there are more than can be remembered, seen twice', () => {
    const all = Array.from({ length: 40_000 }, (_, i) => {
      const suffix = i.toString(36);
      return entry(`${'0'.repeat(40 - suffix.length)}${suffix}`, `10.${i >> 8}.0.${i & 255}`);
    });
    for (let round = 0; round < 2; round++) {
      expect(sentBack(ping(all)).gossip).toEqual(all);
    }
  });

  it('that differ in one character are told apart', () => {
    const alike = Array.from({ length: 40 }, (_, i) =>
      entry(`${'a'.repeat(i)}b${'a'.repeat(39 - i)}`, `${'a'.repeat(i)}b${'a'.repeat(44 - i)}`),
    );
    expect(sentBack(ping([...alike, ...alike])).gossip).toEqual([...alike, ...alike]);
  });

  it('of zeros are not mistaken for the empty places of the memory', () => {
    const bytes = encodeBusMessage(ping([entry('0'.repeat(40), '')]));
    bytes.fill(0, 2256, 2256 + 40);
    expect(() => decodeBusMessage(bytes)).toThrow('id');
  });

  it('a host may be followed by the rest of an older, longer one', () => {
    const bytes = encodeBusMessage(ping([entry('a'.repeat(40), '10.0.0.1')]));
    bytes.set(new TextEncoder().encode('100'), 2256 + 48 + 9);
    const decoded = decodeBusMessage(bytes);
    expect(decoded.kind === 'ping' && decoded.gossip[0].host).toBe('10.0.0.1');
  });
});
