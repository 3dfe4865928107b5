// The benches run with tiny inputs, so that they cannot rot; their figures mean nothing here.

import { expect, it, vi } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { run as failover } from '../../bench/failover.bench.ts';
import { run as fullSync } from '../../bench/full-sync.bench.ts';
import { run as hundredNodes } from '../../bench/hundred-nodes.bench.ts';
import { run as latency } from '../../bench/latency.bench.ts';
import { run as memory } from '../../bench/memory.bench.ts';
import { run as pause } from '../../bench/pause.bench.ts';
import { REPLICATED } from '../../bench/support/replicated.ts';
import { run as throughput } from '../../bench/throughput.bench.ts';
import { run as twoPrimaries } from '../../bench/two-primaries.bench.ts';

/** What a bench prints. */
async function output(bench: (options: { quick: boolean }) => Promise<void>): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await bench({ quick: true });
    return log.mock.calls.flat().join('\n');
  } finally {
    log.mockRestore();
  }
}

describeWithRedis('the benches of the node', () => {
  it('throughput prints a row per command and pipeline', async () => {
    const lines = await output(throughput);
    const row = /^(GET|SET|INCR|MGET|MSET)[\w ]* +(1|16|100) +\d+ +\d+ +\d+\.\d\dx /gm;
    expect(lines.match(row)).toHaveLength(13);
  });

  it('memory prints what a key and a connection cost', async () => {
    const lines = await output(memory);
    expect(lines.match(/^(bytes per|GET requests).* +-?\d+ +-?\d+ +\S+x$/gm)).toHaveLength(3);
  });

  it('latency prints a row per server', async () => {
    const lines = await output(latency);
    expect(lines.match(/^(slotmesh-node|redis-server)( +\d+\.\d\d){4}$/gm)).toHaveLength(2);
  });

  it('pause prints its phases', async () => {
    const lines = await output(pause);
    expect(lines.match(/^(the first|while the|until half).*( +\d+\.\d+){3}$/gm)).toHaveLength(3);
  });

  it('a large cluster prints what it costs to agree, and then to go on', async () => {
    const lines = await output(hundredNodes);
    expect(lines).toMatch(/^until all agree( +\d+(\.\d+)?){7}$/m);
    expect(lines).toMatch(/^steady( +\d+(\.\d+)?){7}$/m);
    expect(lines).toMatch(/^memory: -?[\d.]+ MB per node/m);
  });

  it('failover prints how long slots are not served', async () => {
    const lines = await output(failover);
    const row = /^ +500 +(slotmesh-node(, valkey9)?|redis-server)( +\d+\.\d\d){3}$/gm;
    expect(lines.match(row)?.length).toBeGreaterThanOrEqual(REPLICATED.length);
  });

  it('two primaries prints what a paused one and an isolated one acknowledge', async () => {
    const lines = await output(twoPrimaries);
    const paused = /^(slotmesh-node|redis-server)( +\d+){4}$/gm;
    expect(lines.match(paused)).toHaveLength(REPLICATED.length);
    const cut = /^(slotmesh-node|redis-server) +\S+ \(\S+\) +\d+\.\d\d +\d of 1( +\d+){3}$/gm;
    expect(lines.match(cut)).toHaveLength(REPLICATED.length);
  });

  it('full synchronisation prints what it takes', async () => {
    const lines = await output(fullSync);
    const row = /^(slotmesh-node|redis-server)( +-?[\d.]+){9}$/gm;
    expect(lines.match(row)).toHaveLength(REPLICATED.length);
  });
});
