// A node that replicates, with a client, and with a primary that sends what a test wants.

import { CommandDecoder, encodeCommand } from '@slotmesh/resp';
import { type TestClient, TestNode } from './test-node.ts';
import { TestPersistence, TestReplication } from './test-replication.ts';

export interface Replicating {
  readonly node: TestNode;
  readonly replication: TestReplication;
  readonly client: TestClient;
  /** Executes a command as if the primary had sent it; what was answered all the same. */
  fromPrimary(...args: string[]): string;
}

export function replicating(role: 'primary' | 'replica' = 'primary'): Replicating {
  const replication = new TestReplication();
  const persistence = new TestPersistence();
  const node = new TestNode({ replication, persistence, debug: 'yes' });
  replication.onChange = () => node.processor.replicationChanged();
  replication.feed.isActive = role === 'primary';
  replication.role = role;
  replication.isLinkUp = role === 'replica';
  node.processor.replicationChanged();
  const link = node.connect({ isPrimaryLink: true });
  return {
    node,
    replication,
    client: node.connect(),
    fromPrimary: (...args) => {
      const decoder = new CommandDecoder();
      decoder.push(encodeCommand(args));
      while (decoder.next()) node.processor.executeFromPrimary(link.session, decoder);
      return link.take();
    },
  };
}

export function set(node: TestNode, directive: string, value: string): void {
  node.config.set(directive, value);
  node.processor.readSettings();
}
