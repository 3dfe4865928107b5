// A real run, kept and read back.

import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../src/disk/node-disk.ts';
import { REGISTRY } from '../../src/registry.ts';
import { Simulation } from '../../src/simulation.ts';
import { optionsOf } from '../../src/swarm.ts';
import { RecentRecords } from '../../src/trace/recent-records.ts';
import { TraceReader } from '../../src/trace/trace-reader.ts';
import type { TraceRecord } from '../../src/trace/trace-sink.ts';
import { TraceWriter } from '../../src/trace/trace-writer.ts';

describe('the trace of a run', () => {
  it('reads back with every record, and tells the hash', () => {
    const options = { ...optionsOf(3), faultyMs: 5000 };
    const chunks: Uint8Array[] = [];
    const writer = new TraceWriter({ options, write: (bytes) => chunks.push(bytes) });
    const recent = new RecentRecords(50);
    let records = 0;
    const trace = {
      record: (record: TraceRecord): void => {
        records++;
        writer.record(record);
        recent.record(record);
      },
    };
    const registry = { ...REGISTRY, disk: nodeDisk };
    const result = new Simulation(options, { registry, trace }).run();
    writer.end(result.hash);
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    const reader = new TraceReader(bytes);
    expect(reader.options).toEqual(JSON.parse(JSON.stringify(options)));
    let count = 0;
    const again = new RecentRecords(50);
    for (const record of reader.records()) {
      count++;
      again.record(record);
    }
    expect(count).toBe(records);
    expect(reader.end).toEqual({ records, hash: result.hash });
    expect(again.lines()).toEqual(recent.lines());
  });
});
