// The benches run with tiny inputs, so that they cannot rot; their figures mean nothing here.

import { expect, it, vi } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { run as hundredNodes } from '../../bench/hundred-nodes.bench.ts';
import { run as throughput } from '../../bench/throughput.bench.ts';

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
    expect(lines.match(/^(GET|SET) +(1|16|100) +\d+ +\d+ +\d+\.\d\dx /gm)).toHaveLength(6);
  });

  it('a large cluster prints what it costs to agree, and then to go on', async () => {
    const lines = await output(hundredNodes);
    expect(lines).toMatch(/^until all agree( +\d+(\.\d+)?){7}$/m);
    expect(lines).toMatch(/^steady( +\d+(\.\d+)?){7}$/m);
    expect(lines).toMatch(/^memory: -?[\d.]+ MB per node/m);
  });
});
