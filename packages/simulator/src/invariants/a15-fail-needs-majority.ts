// A15. Fail is what a majority of the voters said within two node timeouts, or what a FAIL message
// says. A report of a node that does not vote, or that is older, counts for nothing.
//
// The reports are collected here once more, from the gossip that reached the node. Where several
// messages were taken in one batch (after a pause), a report counts if it did at any moment of it.
// Where somebody lies on the bus, one message may make voters of nodes and unmake them, and report
// others, all at once: which of it came first the message does not say, and it is not asked.

import { type BusMessage, NodeFlag } from '@slotmesh/cluster-bus';
import { type LinkId, NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

const FAILING = NodeFlag.pfail | NodeFlag.fail;
const VALID_NODE_TIMEOUTS = 2;

export const failNeedsMajority: Invariant = {
  id: 'A15',
  title: 'A node is failed by live reports of a majority of the voters, or by a FAIL message',
  source: 'cluster specification, "Failure detection"; valkey#634',
  assumes: ['bus'],
  watch(world: World) {
    const views = new PerNode<Reports>();
    return {
      started(node) {
        views.set(node, new Reports(node, world));
        return null;
      },
      receiving(node, link, message) {
        views.get(node)?.take(link, message);
        return null;
      },
      noticed(node, notice) {
        const view = views.get(node);
        if (view === undefined) return null;
        if (notice.kind === 'nodeForgotten') view.forget(notice.id);
        if (notice.kind !== 'nodeFailed') return null;
        return view.failed(notice.id, notice.reporter);
      },
      // Later than the notices of the batch before.
      ticking: (node) => views.get(node)?.tick() ?? null,
    };
  },
};

/** What one node was told of another by a third. */
interface Report {
  /** By the clock of the node that was told. */
  atMs: number;
  wasVoter: boolean;
  /** Virtual time at which it was taken back; -1 = it stands. */
  withdrawnMs: number;
}

/** What one process was told. */
class Reports {
  readonly #node: SimNode;
  readonly #world: World;
  /** How many reports were not taken back. */
  #standing = 0;
  /** By whom it is about, then by who said so. */
  readonly #reports = new Map<string, Map<string, Report>>();
  /** By whom it is about: who said so in a FAIL message since the batch in which it was last marked, and when. */
  readonly #fails = new Map<string, Map<string, number>>();
  /** Who counted as failed when it started, or for a reason that held. */
  readonly #failed = new Set<string>();
  #inputsMs = -1;
  #inputs = 0;
  /** Before the first of them: whether it voted, and how many did. */
  #wasVoter = false;
  #votersBefore = 0;
  #revision = -1;

  constructor(node: SimNode, world: World) {
    this.#node = node;
    this.#world = world;
    const { topology } = node;
    for (const one of topology.nodes()) {
      if (topology.isFail(one)) this.#failed.add(topology.idOf(one));
    }
  }

  take(link: LinkId, message: BusMessage): void {
    this.#countInput();
    if (message.kind === 'fail') {
      this.#addFail(message.node, message.header.sender);
      // A voter's word, as good as a report.
      this.#add(message.node, message.header.sender);
    }
    if (message.kind !== 'ping' && message.kind !== 'pong' && message.kind !== 'meet') return;
    const { sender } = message.header;
    // Whoever answers on a link that leads to another node is not listened to.
    if (message.kind === 'pong' && !this.#isAnswer(link, sender)) return;
    for (const { node, flags } of message.gossip) {
      if ((flags & FAILING) !== 0) this.#add(node, sender);
      else if (this.#standing > 0) this.#withdraw(node, sender);
    }
  }

  forget(id: string): void {
    for (const { withdrawnMs } of this.#reports.get(id)?.values() ?? []) {
      if (withdrawnMs < 0) this.#standing--;
    }
    this.#reports.delete(id);
    this.#fails.delete(id);
    this.#failed.delete(id);
  }

  /** It marks a node failed, and says for whose word. */
  failed(id: string, reporter: string | null): Verdict {
    this.#failed.add(id);
    if (reporter === null) return this.#majority(id);
    const those = this.#fails.get(id);
    const isTold = those?.has(reporter) ?? false;
    for (const [one, atMs] of those ?? []) if (atMs < this.#world.nowMs) those?.delete(one);
    return isTold ? null : `marks ${id} failed for a FAIL message of ${reporter} that never came`;
  }

  #countInput(): void {
    const { nowMs } = this.#world;
    if (this.#inputsMs !== nowMs) {
      const { topology } = this.#node;
      this.#inputsMs = nowMs;
      this.#inputs = 0;
      this.#wasVoter = topology.isVoter(topology.self);
      this.#votersBefore = topology.census.voters;
    }
    this.#inputs++;
  }

  /** Nobody is failed without having been marked. */
  tick(): Verdict {
    this.#countInput();
    const { topology } = this.#node;
    if (topology.revision === this.#revision) return null;
    this.#revision = topology.revision;
    for (let i = 0; i < topology.indexLimit; i++) {
      const node = i as NodeIndex;
      if (!topology.has(node) || !topology.isFail(node)) continue;
      const id = topology.idOf(node);
      if (!this.#failed.has(id)) return `${id} is failed, and nobody was told why`;
    }
    return null;
  }

  #isAnswer(link: LinkId, sender: string): boolean {
    const { topology } = this.#node;
    const node = topology.find(sender);
    return link % 2 !== 0 || node === NO_NODE || topology.outboundLink(node) === link;
  }

  #addFail(id: string, reporter: string): void {
    const { nowMs } = this.#world;
    const those = this.#fails.get(id);
    if (those === undefined) this.#fails.set(id, new Map([[reporter, nowMs]]));
    else those.set(reporter, nowMs);
  }

  #add(id: string, reporter: string): void {
    const { topology, clock } = this.#node;
    let those = this.#reports.get(id);
    if (those === undefined) {
      those = new Map();
      this.#reports.set(id, those);
    }
    const by = topology.find(reporter);
    const wasVoter = by !== NO_NODE && topology.isVoter(by);
    const atMs = clock.read(this.#world.nowMs);
    if ((those.get(reporter)?.withdrawnMs ?? 0) >= 0) this.#standing++;
    those.set(reporter, { atMs, wasVoter, withdrawnMs: -1 });
  }

  #withdraw(id: string, reporter: string): void {
    const report = this.#reports.get(id)?.get(reporter);
    if (report === undefined || report.withdrawnMs >= 0) return;
    const { topology } = this.#node;
    const by = topology.find(reporter);
    // Who does not vote is not asked, and its report is not counted.
    if (by === NO_NODE || !topology.isVoter(by)) return;
    report.withdrawnMs = this.#world.nowMs;
    this.#standing--;
  }

  #majority(id: string): Verdict {
    const node = this.#node;
    const { topology } = node;
    const isBatch = this.#inputs > 1 && this.#inputsMs === this.#world.nowMs;
    const oldestMs =
      node.clock.read(this.#world.nowMs) - VALID_NODE_TIMEOUTS * node.core.options.nodeTimeoutMs;
    let said = topology.isVoter(topology.self) || (isBatch && this.#wasVoter) ? 1 : 0;
    for (const [reporter, report] of this.#reports.get(id) ?? []) {
      if (report.atMs < oldestMs) continue;
      if (report.withdrawnMs >= 0 && report.withdrawnMs < this.#world.nowMs) continue;
      const by = topology.find(reporter);
      const isVoter = by !== NO_NODE && topology.isVoter(by);
      if (isVoter || (isBatch && report.wasVoter)) said++;
    }
    const voters = voterCount(node);
    const quorum = Math.floor((isBatch ? Math.min(voters, this.#votersBefore) : voters) / 2) + 1;
    return said >= quorum ? null : `marks ${id} failed on ${said} reports, ${quorum} are needed`;
  }
}

function voterCount({ topology }: SimNode): number {
  let voters = 0;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (topology.has(node) && topology.isVoter(node)) voters++;
  }
  return voters;
}
