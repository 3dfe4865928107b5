import type { BusMessage } from '@slotmesh/cluster-bus';
import type { ClusterEffect, ClusterInput } from '@slotmesh/cluster-core';
import { SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashMessage, hashValue } from '../../src/trace/hash-message.ts';
import { TraceHash } from '../../src/trace/trace-hash.ts';
import { EFFECTS, HEADER, INPUTS, MESSAGES, variants } from './support/samples.ts';

const digestOf = (fill: (hash: TraceHash) => void): string => {
  const hash = new TraceHash();
  fill(hash);
  return hash.digest();
};
const inputDigest = (input: ClusterInput) =>
  digestOf((hash) =>
    hash.input(5, 1, input, input.kind === 'message' ? hashMessage(input.message) : 0),
  );

/** `digest` of the samples, and of all that differs from one of them in one place, is never the same twice. */
function expectAllDifferent<T>(samples: readonly T[], digest: (value: T) => unknown): void {
  const seen = new Set<unknown>();
  let count = 0;
  for (const sample of samples) {
    for (const value of [sample, ...(variants(sample) as Iterable<T>)]) {
      seen.add(digest(value));
      count++;
    }
  }
  expect(count).toBeGreaterThan(samples.length * 2);
  expect(seen.size).toBe(count);
}

describe('the hash of a run', () => {
  it('changes with every field of every message', () => {
    const messages = MESSAGES.filter(({ kind }) => kind === 'ping' || kind === 'pong');
    expectAllDifferent(messages, hashMessage);
    for (const message of MESSAGES) expectAllDifferent([message], hashValue);
  });

  it('changes with every field of every effect', () => {
    for (const effect of EFFECTS) {
      expectAllDifferent<ClusterEffect>([effect], (value) =>
        digestOf((hash) => hash.effect(value)),
      );
    }
  });

  it('changes with every field of every input', () => {
    for (const input of INPUTS) {
      if (input.kind === 'tick') continue;
      expectAllDifferent<ClusterInput>([input], inputDigest);
    }
    expect(new Set(INPUTS.map(inputDigest)).size).toBe(INPUTS.length);
  });

  it('changes with time, node, word, text, and the order of events', () => {
    const events: ((hash: TraceHash) => void)[] = [
      (hash) => hash.event(5, 1, 9),
      (hash) => hash.event(6, 1, 9),
      (hash) => hash.event(5.5, 1, 9),
      (hash) => hash.event(5, 2, 9),
      (hash) => hash.event(5, 1, 8),
      (hash) => hash.text('a'),
      (hash) => hash.text('b'),
      (hash) => hash.text(''),
      () => undefined,
    ];
    const digests = events.flatMap((first) =>
      events.map((second) =>
        digestOf((hash) => {
          first(hash);
          second(hash);
        }),
      ),
    );
    // Nothing and then an event is the same as an event and then nothing.
    expect(new Set(digests).size).toBe(events.length ** 2 - (events.length - 1));
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same for equal values, whoever made them', () => {
    const copy = (message: BusMessage): BusMessage =>
      message.header === null
        ? { ...message }
        : ({
            ...message,
            header: {
              ...message.header,
              slots: SlotSet.fromBitmap(message.header.slots.bitmap.slice()),
            },
          } as BusMessage);
    for (const message of MESSAGES) expect(hashMessage(copy(message))).toBe(hashMessage(message));
    const backwards = Object.fromEntries(Object.entries(HEADER).reverse());
    expect(hashValue(backwards)).toBe(hashValue(HEADER));
  });

  it('tells plain data apart', () => {
    const plain = fc.jsonValue({ maxDepth: 3 });
    const key = (value: unknown): string =>
      JSON.stringify(value, (_, field) =>
        typeof field === 'object' && field !== null && !Array.isArray(field)
          ? Object.entries(field)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .flat()
          : Object.is(field, -0)
            ? 0
            : field,
      );
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        if (key(a) !== key(b)) expect(hashValue(a)).not.toBe(hashValue(b));
      }),
      { numRuns: 500 },
    );
  });
});
