// A trace is enough to run the machines again.

import { describe, expect, it } from 'vitest';
import { type Invariant, optionsOf, REGISTRY, Simulation } from '../../src/index.ts';
import { TraceError } from '../../src/trace/errors.ts';
import { replay } from '../../src/trace/replay.ts';
import { TraceReader } from '../../src/trace/trace-reader.ts';
import type { TraceRecord } from '../../src/trace/trace-sink.ts';
import { TraceWriter } from '../../src/trace/trace-writer.ts';

type Change = (record: TraceRecord, number: number) => TraceRecord | null;

/** The trace of a run; records may be changed on their way into it. */
function traceOf(
  seed: number,
  {
    change = (record) => record,
    registry = REGISTRY,
  }: { change?: Change; registry?: typeof REGISTRY } = {},
): { bytes: Uint8Array; hash: string; records: number } {
  const options = optionsOf(seed, { faultyMs: 5000, nodes: 4 });
  const chunks: Uint8Array[] = [];
  const writer = new TraceWriter({ options, write: (bytes) => chunks.push(bytes) });
  let records = 0;
  const record = (one: TraceRecord): void => {
    const changed = change(one, ++records);
    if (changed !== null) writer.record(changed);
  };
  const { hash } = new Simulation(options, { registry, trace: { record } }).run();
  writer.end(hash);
  return { bytes: Buffer.concat(chunks), hash, records };
}

describe('replay', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the hash of the run, seed %i', (seed) => {
    const { bytes, hash, records } = traceOf(seed);
    const seen: TraceRecord[] = [];
    const result = replay(bytes, { record: (one) => seen.push(one) });
    expect(result).toMatchObject({ hash, recordedHash: hash, records, divergence: null });
    expect(result.thrown).toBeNull();
    expect(seen.length).toBe(records);
    expect(result.simulatedMs).toBeGreaterThan(5000);
  });

  it('gives the hash of a run that failed in the middle', () => {
    const broken: Invariant = {
      id: 'X1',
      title: 'nothing is sent after five seconds',
      source: 'this test',
      watch: (world) => ({ sending: () => (world.nowMs > 5000 ? 'sent' : null) }),
    };
    const { bytes, hash } = traceOf(2, { registry: { ...REGISTRY, invariants: [broken] } });
    expect(replay(bytes)).toMatchObject({ hash, divergence: null });
  });

  it('says where a machine does something else', () => {
    let changed = 0;
    const later = (record: TraceRecord, number: number): TraceRecord => {
      if (number < 500 || changed !== 0 || record.kind !== 'effect') return record;
      if (record.effect.kind !== 'send') return record;
      changed = number;
      return { ...record, effect: { ...record.effect, link: 999 as never } };
    };
    const { bytes } = traceOf(1, { change: later });
    const { divergence } = replay(bytes);
    expect(divergence).toMatchObject({ record: changed });
    expect(divergence?.message).toContain('another send');
  });

  it('says that the trace lacks an effect, or has one too many', () => {
    let dropped = 0;
    const without = traceOf(1, {
      change: (record, number) => {
        if (number < 300 || dropped !== 0 || record.kind !== 'effect') return record;
        dropped = number;
        return null;
      },
    });
    expect(replay(without.bytes).divergence).not.toBeNull();
    const unsettled = traceOf(1, {
      change: (record, number) => (number > 300 && record.kind === 'settle' ? null : record),
    });
    expect(replay(unsettled.bytes).divergence?.message).toContain('the trace says');
  });

  it('refuses what is no trace, or one of another version', () => {
    const codeOf = (bytes: Uint8Array): string | null => {
      try {
        replay(bytes);
        return null;
      } catch (error) {
        if (error instanceof TraceError) return error.code;
        throw error;
      }
    };
    const { bytes } = traceOf(1);
    expect(codeOf(new TextEncoder().encode('REDIS0011'))).toBe('NOT_A_TRACE');
    expect(codeOf(bytes.subarray(0, bytes.length >> 1))).toBe('TRUNCATED');
    const newer = Uint8Array.from(bytes);
    // Behind the magic word (1 + 14 bytes) stands a list of two: the version, and the options.
    expect([newer[15], newer[16]]).toEqual([0x92, 1]);
    newer[16] = 2;
    expect(codeOf(newer)).toBe('VERSION');
    const headless = traceOf(1, { change: (record) => (record.kind === 'start' ? null : record) });
    expect(codeOf(headless.bytes)).toBe('CORRUPT');
    expect(new TraceReader(bytes).end).toBeNull();
  });
});
