// The CLUSTER subcommands that change something, with the checks, in the order, and the words of
// redis-server 7.0.

import { SlotSet } from '@slotmesh/crc16-slots';
import type { Failover, FailoverMode } from '@slotmesh/failover';
import { type Gossip, normalizeIp } from '@slotmesh/gossip';
import { type EffectSink, type Millis, unreachable } from '@slotmesh/machine';
import { NO_NODE, type Topology } from '@slotmesh/topology';
import type { ClusterEffect, LocalFacts, OperatorCommand, OperatorOutcome } from './contract.ts';
import type { FailoverSink } from './failover-sink.ts';

const OK: OperatorOutcome = Object.freeze({ ok: true, text: 'OK' });

function refuse(text: string): OperatorOutcome {
  return { ok: false, text: `ERR ${text}` };
}

export interface OperatorParts {
  readonly topology: Topology;
  readonly gossip: Gossip;
  readonly failover: Failover;
  readonly failoverSink: FailoverSink;
  readonly facts: LocalFacts;
}

/** Carries out the orders of operators on one node. */
export class Operator {
  readonly #topology: Topology;
  readonly #gossip: Gossip;
  readonly #failover: Failover;
  readonly #failoverSink: FailoverSink;
  readonly #facts: LocalFacts;

  constructor(parts: OperatorParts) {
    this.#topology = parts.topology;
    this.#gossip = parts.gossip;
    this.#failover = parts.failover;
    this.#failoverSink = parts.failoverSink;
    this.#facts = parts.facts;
  }

  execute(
    nowMs: Millis,
    command: OperatorCommand,
    effects: EffectSink<ClusterEffect>,
  ): OperatorOutcome {
    switch (command.kind) {
      case 'meet':
        return this.#meet(nowMs, command.host, command.port, command.busPort);
      case 'forget':
        return this.#forget(nowMs, command.id, effects);
      case 'addSlots':
        return this.#addSlots(command.slots);
      case 'delSlots':
        return this.#delSlots(command.slots, effects);
      case 'flushSlots':
        return this.#flushSlots(effects);
      case 'reset':
        return this.#reset(nowMs, command.hard, effects);
      case 'bumpEpoch':
        return this.#bumpEpoch();
      case 'setConfigEpoch':
        return this.#setConfigEpoch(command.epoch);
      case 'replicate':
        return this.#replicate(nowMs, command.id, effects);
      case 'failover':
        return this.#manualFailover(nowMs, command.mode, effects);
      case 'saveConfig':
        this.#gossip.requestSave();
        return OK;
      default:
        return unreachable(command);
    }
  }

  #meet(nowMs: Millis, host: string, port: number, busPort: number): OperatorOutcome {
    const ip = normalizeIp(host);
    if (ip === null || !isPort(port) || !isPort(busPort)) {
      return refuse(`Invalid node address specified: ${host}:${port}`);
    }
    const outcome = this.#gossip.meet(nowMs, { host: ip, port, altPort: 0, busPort });
    return outcome === 'limit' ? refuse('Too many nodes are known or being met') : OK;
  }

  #forget(nowMs: Millis, id: string, effects: EffectSink<ClusterEffect>): OperatorOutcome {
    const topology = this.#topology;
    const node = topology.find(id);
    if (node === NO_NODE) {
      if (!this.#gossip.isForgotten(nowMs, id)) return refuse(`Unknown node ${id}`);
      // Another node may have passed the same order on, or it was given before: the ban is for as long
      // as if it had been given now.
      this.#gossip.ban(nowMs, id);
      return OK;
    }
    if (node === topology.self) return refuse("I tried hard but I can't forget myself...");
    if (topology.primaryOf(topology.self) === node) return refuse("Can't forget my master!");
    this.#gossip.forget(nowMs, node, effects);
    return OK;
  }

  #addSlots(slots: readonly number[]): OperatorOutcome {
    const topology = this.#topology;
    const refusal = checkSlots(slots, (slot) =>
      topology.ownerOf(slot) === NO_NODE ? null : `Slot ${slot} is already busy`,
    );
    if (refusal !== null) return refusal;
    if (topology.isReplica(topology.self)) return refuse('A replica cannot own slots');
    for (const slot of slots) if (topology.importingSlots.has(slot)) topology.closeSlot(slot);
    topology.assignSlots(SlotSet.from(slots), topology.self);
    this.#gossip.noteOwnChange(false);
    return OK;
  }

  #delSlots(slots: readonly number[], effects: EffectSink<ClusterEffect>): OperatorOutcome {
    const topology = this.#topology;
    const refusal = checkSlots(slots, (slot) =>
      topology.ownerOf(slot) === NO_NODE ? `Slot ${slot} is already unassigned` : null,
    );
    if (refusal !== null) return refusal;
    this.#unassign(SlotSet.from(slots), effects);
    return OK;
  }

  #flushSlots(effects: EffectSink<ClusterEffect>): OperatorOutcome {
    if (this.#facts.keyCount() > 0)
      return refuse('DB must be empty to perform CLUSTER FLUSHSLOTS.');
    this.#unassign(this.#topology.slotsOf(this.#topology.self), effects);
    return OK;
  }

  /**
   * Slots become nobody's in this table. The keys in them stay: an operator may give the slots
   * back.
   */
  #unassign(slots: SlotSet, effects: EffectSink<ClusterEffect>): void {
    const topology = this.#topology;
    const lost = [...slots.intersection(topology.slotsOf(topology.self))];
    topology.unassignSlots(slots);
    if (lost.length > 0) effects.push({ kind: 'slotsLost', slots: lost, deleteKeys: false });
    this.#gossip.noteOwnChange(false);
  }

  #reset(nowMs: Millis, hard: boolean, effects: EffectSink<ClusterEffect>): OperatorOutcome {
    const topology = this.#topology;
    if (topology.isPrimary(topology.self) && this.#facts.keyCount() > 0) {
      return refuse("CLUSTER RESET can't be called with master nodes containing keys");
    }
    this.#gossip.reset(nowMs, hard, effects);
    this.#failover.reset(this.#failoverSink.at(nowMs, effects));
    return OK;
  }

  #replicate(nowMs: Millis, id: string, effects: EffectSink<ClusterEffect>): OperatorOutcome {
    const topology = this.#topology;
    const { self } = topology;
    const node = topology.find(id);
    if (node === NO_NODE) return refuse(`Unknown node ${id}`);
    if (node === self) return refuse("Can't replicate myself");
    if (topology.isReplica(node)) return refuse('I can only replicate a master, not a replica.');
    const isInUse = topology.slotsOf(self).count > 0 || this.#facts.keyCount() > 0;
    if (topology.isPrimary(self) && isInUse) {
      return refuse('To set a master the node must be empty and without assigned slots.');
    }
    this.#failover.replicate(node, this.#failoverSink.at(nowMs, effects));
    return OK;
  }

  #manualFailover(
    nowMs: Millis,
    mode: FailoverMode,
    effects: EffectSink<ClusterEffect>,
  ): OperatorOutcome {
    const topology = this.#topology;
    if (topology.isPrimary(topology.self)) {
      return refuse('You should send CLUSTER FAILOVER to a replica');
    }
    const primary = topology.primaryOf(topology.self);
    if (primary === NO_NODE) return refuse("I'm a replica but my master is unknown to me");
    const isDown = topology.isFail(primary) || !topology.isLinked(primary);
    if (mode === 'graceful' && isDown) {
      return refuse('Master is down or failed, please use CLUSTER FAILOVER FORCE');
    }
    this.#failover.failover(nowMs, mode, this.#failoverSink.at(nowMs, effects));
    return OK;
  }

  #bumpEpoch(): OperatorOutcome {
    const isBumped = this.#gossip.bumpEpoch();
    const epoch = this.#topology.configEpochOf(this.#topology.self);
    return { ok: true, text: `${isBumped ? 'BUMPED' : 'STILL'} ${epoch}` };
  }

  #setConfigEpoch(epoch: number): OperatorOutcome {
    const topology = this.#topology;
    if (epoch < 0 || !Number.isSafeInteger(epoch)) {
      return refuse(`Invalid config epoch specified: ${epoch}`);
    }
    if (topology.size > 1) {
      return refuse(
        'The user can assign a config epoch only when the node does not know any other node.',
      );
    }
    if (topology.configEpochOf(topology.self) !== 0) {
      return refuse('Node config epoch is already non-zero');
    }
    topology.setConfigEpoch(topology.self, epoch);
    this.#gossip.noteOwnChange(true);
    return OK;
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65535;
}

/**
 * All or nothing: the first slot in the order given that cannot be taken or given away refuses them
 * all.
 */
function checkSlots(
  slots: readonly number[],
  fault: (slot: number) => string | null,
): OperatorOutcome | null {
  const seen = new Set<number>();
  for (const slot of slots) {
    const reason = fault(slot);
    if (reason !== null) return refuse(reason);
    if (seen.has(slot)) return refuse(`Slot ${slot} specified multiple times`);
    seen.add(slot);
  }
  return null;
}
