// Hot path: per PING and PONG. Which PINGs of a node were answered, and when they were sent: the
// simulator's own record, by which it judges the node's lease. A PONG on a link that the node opened
// answers the oldest PING on it that has no answer yet; what comes on links that others opened is
// news, and answers nothing.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type { LinkId } from '@slotmesh/topology';
import type { AnswerBook, SimNode, World, WorldEvents } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';

/** One process. */
interface Record {
  /** By link: when its unanswered PINGs left, oldest first. */
  readonly unanswered: Map<LinkId, number[]>;
  /** By the id of who answered: when the latest answered PING had left. */
  readonly answered: Map<string, number>;
}

export class Answers implements AnswerBook, WorldEvents {
  readonly #world: World;
  readonly #records = new PerNode<Record>();

  constructor(world: World) {
    this.#world = world;
  }

  latestMs(node: SimNode, peer: string): number {
    return this.#records.get(node)?.answered.get(peer) ?? Number.NEGATIVE_INFINITY;
  }

  started(node: SimNode): void {
    this.#records.set(node, { unanswered: new Map(), answered: new Map() });
  }

  sending(node: SimNode, link: LinkId, { kind }: BusMessage): void {
    if ((kind !== 'ping' && kind !== 'meet') || isInbound(link)) return;
    const unanswered = this.#records.get(node)?.unanswered;
    if (unanswered === undefined) return;
    const nowMs = node.clock.read(this.#world.nowMs);
    const waiting = unanswered.get(link);
    if (waiting === undefined) unanswered.set(link, [nowMs]);
    else waiting.push(nowMs);
  }

  receiving(node: SimNode, link: LinkId, { kind, header }: BusMessage): void {
    if (kind !== 'pong' || header === null || isInbound(link)) return;
    const record = this.#records.get(node);
    const waiting = record?.unanswered.get(link);
    if (record === undefined || waiting === undefined) return;
    const sentMs = waiting.shift() as number;
    if (waiting.length === 0) record.unanswered.delete(link);
    record.answered.set(header.sender, sentMs);
  }
}

/** Whether another node opened it: nodes number their own links evenly. */
function isInbound(link: LinkId): boolean {
  return link % 2 !== 0;
}
