// What a node says about its replication, taken apart: INFO replication as any client reads it.

import { type Askable, fields } from '../../interop/support/cluster-view.ts';

/** A place in a stream of commands: streams have names of 40 digits, and are counted in bytes. */
export interface ReplicationState {
  readonly role: 'primary' | 'replica';
  /** The stream that the node writes, or follows. */
  readonly stream: string;
  /** The last byte of it that the node has. */
  readonly offset: number;
  /** The stream that this one continues, and its last byte that is part of this one; null: it continues none. */
  readonly parent: { readonly stream: string; readonly lastOffset: number } | null;
  /** A replica's connection to its primary is up and its data set is whole. */
  readonly linkUp: boolean;
  readonly replicas: number;
}

/** Asks a node. */
export async function replicationState(server: Askable): Promise<ReplicationState> {
  return parseReplicationState(await server.text('INFO', 'replication'));
}

/** Takes the text of INFO replication. */
export function parseReplicationState(text: string): ReplicationState {
  const info = fields(text);
  const field = (name: string): string => {
    const value = info.get(name);
    if (value === undefined) throw new Error(`INFO replication has no ${name}`);
    return value;
  };
  const role = field('role');
  const parent = field('master_replid2');
  return {
    role: role === 'master' ? 'primary' : 'replica',
    stream: field('master_replid'),
    // A replica's own counter: what it has received of the stream and carried out.
    offset: Number(role === 'master' ? field('master_repl_offset') : field('slave_repl_offset')),
    // The field is where the next one begins.
    parent: /^0+$/.test(parent)
      ? null
      : { stream: parent, lastOffset: Number(field('second_repl_offset')) - 1 },
    linkUp: info.get('master_link_status') === 'up' && info.get('master_sync_in_progress') === '0',
    replicas: Number(field('connected_slaves')),
  };
}
