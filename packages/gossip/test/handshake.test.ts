import { describe, expect, it } from 'vitest';
import { Bench, notices, OPTIONS } from './support.ts';

const ADDRESS = { host: '10.0.0.5', port: 7000, altPort: 0, busPort: 17000 };
const { nodeTimeoutMs } = OPTIONS;

describe('a handshake', () => {
  it('ends when nobody has answered for its time', () => {
    const bench = new Bench();
    bench.gossip.meet(bench.nowMs, ADDRESS);
    expect(notices(bench.run(nodeTimeoutMs))).toEqual([]);
    expect(notices(bench.run(200))).toEqual(['handshakeTimedOut']);
    expect(bench.topology.size).toBe(1);
  });

  it('has its time from when a process goes on that stood still', () => {
    const bench = new Bench();
    bench.run(200);
    bench.gossip.meet(bench.nowMs, ADDRESS);
    bench.nowMs += 5 * nodeTimeoutMs;
    const effects = bench.input({ kind: 'tick' });
    expect(effects.map(({ kind }) => kind)).toContain('connect');
    expect(notices(bench.run(nodeTimeoutMs))).toEqual([]);
    expect(notices(bench.run(200))).toEqual(['handshakeTimedOut']);
  });
});
