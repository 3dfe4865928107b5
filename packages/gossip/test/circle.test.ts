import type { BusHeader } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import { beforeEach, describe, expect, it } from 'vitest';
import { Bench, id, OPTIONS, ping } from './support.ts';

const { nodeTimeoutMs } = OPTIONS;

/** This node, m, replicates a. Gives what a says: that it follows `replicaOf`, every quarter of a node timeout. */
describe('a circle of replicas', () => {
  let bench: Bench;
  let a: ReturnType<Bench['member']>;

  beforeEach(() => {
    bench = new Bench();
    a = bench.member('a');
    bench.topology.setReplicaOf(bench.topology.self, a.node);
  });

  function says(letter: string, replicaOf: string | null): void {
    const node = bench.topology.find(id(letter));
    const fields: Partial<BusHeader> = { flags: replicaOf === null ? 1 : 2 };
    const link = bench.topology.inboundLink(node as NodeIndex);
    const head = { ...fields, replicaOf: replicaOf === null ? null : id(replicaOf) };
    bench.message(link, ping('ping', letter, head));
  }

  function goOn(letter: string, replicaOf: string, forMs: number): string[] {
    const kinds: string[] = [];
    for (const endMs = bench.nowMs + forMs; bench.nowMs < endMs; bench.nowMs += nodeTimeoutMs / 4) {
      says(letter, replicaOf);
      kinds.push(...bench.gossip.takeNews().map(({ kind }) => kind));
    }
    return kinds;
  }

  it('of two is left to the one with the greater id', () => {
    expect(goOn('a', 'm', 3 * nodeTimeoutMs)).toEqual([]);
  });

  it('is told of by the one with the smallest id, once it has stood for a node timeout', () => {
    const z = bench.member('z');
    bench.topology.setReplicaOf(bench.topology.self, z.node);
    expect(goOn('z', 'm', nodeTimeoutMs)).toEqual([]);
    expect(goOn('z', 'm', nodeTimeoutMs)).toEqual(['circle']);
  });

  it('of three is one as well', () => {
    const y = bench.member('y');
    bench.member('z');
    bench.topology.setReplicaOf(bench.topology.self, y.node);
    says('z', 'm');
    expect(goOn('y', 'z', 2 * nodeTimeoutMs)).toEqual(['circle']);
    // a is smaller.
    says('z', 'a');
    says('a', 'm');
    expect(goOn('y', 'z', 3 * nodeTimeoutMs)).toEqual([]);
  });

  it('has its time anew when the primary has said something else', () => {
    const z = bench.member('z');
    bench.topology.setReplicaOf(bench.topology.self, z.node);
    goOn('z', 'm', nodeTimeoutMs);
    says('z', null);
    expect(goOn('z', 'm', nodeTimeoutMs)).toEqual([]);
    says('z', 'a');
    expect(goOn('z', 'm', nodeTimeoutMs)).toEqual([]);
  });
});
