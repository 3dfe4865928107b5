// What CLUSTER LINKS says: the open connections of the cluster bus. The table knows which link belongs to which node
// and in which direction; what goes on in a link is for whoever holds the sockets to say.

import { type LinkId, NO_LINK, type NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';
import { nodesInOrder } from './order.ts';

/** What the holder of the sockets knows of a link. */
export interface LinkFacts {
  /** Unix milliseconds. */
  readonly createdMs: number;
  /** Something waits to be sent until the socket takes more. */
  readonly isSending: boolean;
  /** Bytes of memory that the queue of unsent messages takes. */
  readonly sendBufferAllocated: number;
  /** Bytes that are not sent yet. */
  readonly sendBufferUsed: number;
}

/** One link; in the reply a map of these fields in this order, `create-time`, `send-buffer-...` being the names. */
export interface LinkView {
  /** `to`: this node opened it. */
  readonly direction: 'to' | 'from';
  /** Node id of the other end. */
  readonly node: string;
  /** Unix milliseconds. */
  readonly createTime: number;
  /** What is waited for: something to read, or also room to write. */
  readonly events: 'r' | 'rw';
  readonly sendBufferAllocated: number;
  readonly sendBufferUsed: number;
}

/**
 * The links to and from known nodes, in the order of the nodes, `to` first. `factsOf` answers undefined for a link
 * that is gone or not open yet, which is then left out.
 */
export function linksView(
  topology: Topology,
  factsOf: (link: LinkId) => LinkFacts | undefined,
): LinkView[] {
  const views: LinkView[] = [];
  const add = (direction: 'to' | 'from', node: NodeIndex, link: LinkId): void => {
    const facts = link === NO_LINK ? undefined : factsOf(link);
    if (facts === undefined) return;
    views.push({
      direction,
      node: topology.idOf(node),
      createTime: facts.createdMs,
      events: facts.isSending ? 'rw' : 'r',
      sendBufferAllocated: facts.sendBufferAllocated,
      sendBufferUsed: facts.sendBufferUsed,
    });
  };
  for (const node of nodesInOrder(topology)) {
    add('to', node, topology.outboundLink(node));
    add('from', node, topology.inboundLink(node));
  }
  return views;
}
