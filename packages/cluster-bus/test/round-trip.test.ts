// Properties over generated messages: what is encoded decodes to the same, whole and from a stream
// cut anywhere.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  BusDecoder,
  type BusMessage,
  busMessageBytes,
  decodeBusMessage,
  encodeBusMessage,
} from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { canonical } from './canonical.ts';
import { plain } from './plain.ts';

it('a message that is encoded and decoded is the same message', () => {
  fc.assert(
    fc.property(arbitrary.message, (message) => {
      const bytes = encodeBusMessage(message);
      expect(busMessageBytes(message)).toBe(bytes.length);
      const decoded = decodeBusMessage(bytes);
      expect(plain(decoded)).toEqual(plain(message));
      expect(Buffer.compare(encodeBusMessage(decoded), bytes)).toBe(0);
      expect(Buffer.compare(canonical(bytes), bytes)).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

it('messages come out of a stream as they went in, wherever it is cut', () => {
  const messages = fc.array(arbitrary.message, { maxLength: 5 });
  const cuts = fc.array(fc.nat(3000), { maxLength: 12 });
  fc.assert(
    fc.property(messages, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map(encodeBusMessage));
      const decoder = new BusDecoder();
      const received: BusMessage[] = [];
      let position = 0;
      for (const size of [...sizes, stream.length]) {
        decoder.push(stream.subarray(position, position + size));
        position += size;
        for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
          received.push(next);
        }
      }
      expect(received.map(plain)).toEqual(sent.map(plain));
      expect(decoder.heldBytes).toBe(0);
    }),
    { numRuns: 200 },
  );
});
