// What must be true of every election, whatever the network does; the letters are those of the project's
// list of invariants. It sees all nodes at once, as no node can.

import assert from 'node:assert/strict';
import type { BusMessage } from '@slotmesh/cluster-bus';
import type { ClusterNotice } from '../../src/index.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimNode } from './sim-node.ts';

export class ElectionWatch {
  readonly #sim: SimCluster;
  /** By voter and epoch: who got the vote. */
  readonly #votes = new Map<string, string>();
  /** By epoch: who won it. */
  readonly winners = new Map<number, string>();
  /** Whether a promotion must find the lease of the former primary closed. */
  checksLeases = true;

  constructor(sim: SimCluster) {
    this.#sim = sim;
  }

  onSend(sender: SimNode, message: BusMessage, receiver: SimNode | undefined): void {
    if (message.kind === 'failoverAuthRequest') {
      const epoch = message.header.currentEpoch;
      assert.ok(sender.disk.currentEpoch >= epoch, `${sender.index} asks before it saves (A3)`);
    }
    if (message.kind !== 'failoverAuthAck' || receiver === undefined) return;
    const epoch = message.header.currentEpoch;
    assert.ok(sender.disk.lastVoteEpoch >= epoch, `${sender.index} votes before it saves (A3)`);
    const key = `${sender.id} ${epoch}`;
    const former = this.#votes.get(key) ?? receiver.id;
    assert.equal(former, receiver.id, `${sender.index} votes twice in epoch ${epoch} (A2)`);
    this.#votes.set(key, receiver.id);
  }

  onNotice(node: SimNode, notice: ClusterNotice): void {
    if (notice.kind !== 'configEpochTaken') return;
    if (!node.notices.some((one) => one.kind === 'electionWon')) return;
    const { configEpoch } = notice;
    if (node.notices.at(-1)?.kind !== 'electionWon') return;
    const former = this.winners.get(configEpoch) ?? node.id;
    assert.equal(former, node.id, `two nodes won epoch ${configEpoch} (A4)`);
    this.winners.set(configEpoch, node.id);
    const { topology } = node;
    const voters = [...topology.nodes()].filter((one) => topology.isVoter(one));
    const votes = voters.filter(
      (one) => this.#votes.get(`${topology.idOf(one)} ${configEpoch}`) === node.id,
    );
    // The winner itself counts as a voter by now, in place of the one that it replaces.
    assert.ok(votes.length >= Math.floor(voters.length / 2) + 1, 'too few votes (A4)');
    if (this.checksLeases) this.#checkLeases(node);
  }

  /** C5: nobody else takes writes for a slot of the winner in this moment. */
  #checkLeases(winner: SimNode): void {
    const slots = winner.topology.slotsOf(winner.topology.self);
    for (const other of this.#sim.upNodes) {
      if (other === winner || !other.isPrimary || other.isWritePaused) continue;
      const { topology } = other;
      if (topology.slotsOf(topology.self).intersection(slots).count === 0) continue;
      assert.ok(
        !other.core.mayWrite(this.#sim.nowMs),
        `${winner.index} was elected while ${other.index} takes writes (C5)\n${this.#sim.describe()}`,
      );
    }
  }
}
