// Every captured message decodes to what its fields say, and encodes back to the bytes that the
// server sent.

import { describe, expect, it } from 'vitest';
import { decodeBusMessage, encodeBusMessage } from '../src/index.ts';
import { plain } from './plain.ts';
import { messageOf, vectors } from './vectors.ts';

describe('captured messages', () => {
  it('are of both servers and of every type that they send', () => {
    const types = new Set(vectors.map(({ fields }) => fields.type));
    expect([...types].sort()).toEqual(
      'auth-ack auth-request fail meet mfstart ping pong publish publish-shard update'.split(' '),
    );
    expect(vectors.length).toBeGreaterThan(70);
  });

  for (const { name, bytes, fields } of vectors) {
    it(name, () => {
      expect(fields).toMatchObject({ totlen: bytes.length, version: 1 });
      const message = decodeBusMessage(bytes);
      expect(plain(message)).toEqual(plain(messageOf(fields)));
      expect(encodeBusMessage(message)).toEqual(bytes);
      expect(encodeBusMessage(messageOf(fields))).toEqual(bytes);
    });
  }

  it('decode alike out of the middle of a larger buffer', () => {
    for (const { bytes, fields } of vectors) {
      const padded = new Uint8Array(bytes.length + 7).fill(0xff);
      padded.set(bytes, 3);
      const message = decodeBusMessage(padded.subarray(3, 3 + bytes.length));
      expect(plain(message)).toEqual(plain(messageOf(fields)));
    }
  });

  it('own their memory, also when the bytes came as a Buffer', () => {
    for (const { bytes, fields } of vectors) {
      const buffer = Buffer.from(bytes);
      const message = decodeBusMessage(buffer);
      buffer.fill(0xff);
      expect(plain(message)).toEqual(plain(messageOf(fields)));
    }
  });
});
