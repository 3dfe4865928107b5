// A cluster of one node without sockets: the real rules of cluster-core behind the port, links never open.

import {
  ClusterCore,
  type ClusterEffect,
  type ClusterOptions,
  clusterDefaults,
} from '@slotmesh/cluster-core';
import { Topology } from '@slotmesh/topology';
import type { ClusterPort, ReplicationPort } from '../../src/index.ts';
import { TestNode } from './test-node.ts';

const OPTIONS: ClusterOptions = { ...clusterDefaults, lease: false };

export const SELF_ID: string = '5107'.repeat(10);

export interface TestCluster {
  readonly node: TestNode;
  readonly core: ClusterCore;
  readonly topology: Topology;
  readonly effects: ClusterEffect[];
  /** Messages handed to the bus. */
  readonly published: string[];
  /** What DEBUG asked for. */
  readonly debugged: string[];
  /** Lets time pass, so that the state is looked at again. */
  settle(afterMs?: number): void;
}

export function testCluster(
  options: { port?: number; debug?: 'yes' | 'no'; replication?: ReplicationPort } = {},
): TestCluster {
  const { port = 7000, debug = 'no', replication } = options;
  let nowMs = Date.now();
  const topology = new Topology({
    id: SELF_ID,
    address: { host: '', port, altPort: 0, busPort: port + 10_000 },
    createdMs: nowMs,
    shardId: 'b'.repeat(40),
  });
  let seed = 1;
  const uint32 = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const effects: ClusterEffect[] = [];
  const published: string[] = [];
  const debugged: string[] = [];
  const node: { current: TestNode | null } = { current: null };
  const core = new ClusterCore({
    topology,
    options: OPTIONS,
    random: { uint32, below: (limit) => uint32() % limit },
    facts: {
      keyCountInSlot: (slot) => node.current!.keyspace.databases[0].countInSlot(slot),
      keyCount: () => node.current!.keyspace.databases[0].size,
      replicationOffset: () => 0,
      primaryLinkUp: () => false,
      lastPrimaryInteractionMs: () => null,
      isLoading: () => false,
    },
    nowMs,
  });
  const settle = (afterMs = 0): void => {
    nowMs += afterMs;
    core.step(nowMs, { kind: 'tick' }, effects);
    core.settle(nowMs, effects);
  };
  const cluster: ClusterPort = {
    topology,
    endpointType: 'ip',
    tlsCluster: false,
    replicationOffset: 0,
    linksBufferLimitExceeded: 0,
    serves: (slot, write) => core.serves(nowMs, slot, write),
    route: (request) => core.route(nowMs, request),
    execute: (command) => {
      const outcome = core.execute(nowMs, command, effects);
      core.settle(nowMs, effects);
      return outcome;
    },
    publish: (sharded, channel, message) => {
      const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
      published.push(`${sharded ? 'shard ' : ''}${text(channel)} ${text(message)}`);
    },
    failureReportCount: () => 0,
    linkFacts: () => undefined,
    messageCounts: () => [],
    killLinks: (direction, target) => debugged.push(`kill ${direction} ${topology.idOf(target)}`),
    dropPackets: (type) => debugged.push(`drop ${type}`),
    closeLinkOnPacketDrop: (on) => debugged.push(`close ${on}`),
  };
  node.current = new TestNode({ cluster, debug, ...(replication && { replication }) });
  return { node: node.current, core, topology, effects, published, debugged, settle };
}
