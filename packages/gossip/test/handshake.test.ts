import { describe, expect, it } from 'vitest';
import { Bench, connect, notices, OPTIONS, ping } from './support.ts';

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

  it.each([
    ['is not completed after a FORGET that came later', ['meet', 'forget'], 1],
    ['brings a node back that was forgotten before', ['forget', 'meet'], 2],
    ['is ordered once more', ['meet', 'forget', 'meet'], 2],
  ])('%s', (_what, orders, size) => {
    const bench = new Bench();
    const { node } = bench.member('a');
    const address = bench.topology.addressOf(node);
    for (const order of orders) {
      bench.nowMs++;
      if (order === 'meet') bench.gossip.meet(bench.nowMs, address);
      else bench.gossip.forget(bench.nowMs, node, { push: () => 0 });
    }
    bench.message(connect(bench), ping('pong', 'a'));
    expect(bench.topology.size).toBe(size);
  });
});
