// Runs the machines of a trace again: each gets the inputs that it got, at the times at which it got
// them, and must ask for the same. There are no random numbers here but the machines' own, no network
// and no fault: what a run did to its nodes is in the trace.

import { ClusterCore, type ClusterEffect, type ClusterInput } from '@slotmesh/cluster-core';
import { seededRandom } from '@slotmesh/machine';
import { parseNodesConf, toTopology } from '@slotmesh/nodes-conf';
import { Replication, type ReplicationEffect } from '@slotmesh/replication';
import { argumentsOf } from '../data/data-set.ts';
import { factsOf } from '../world/replication-facts.ts';
import { TraceError } from './errors.ts';
import { hashMessage, hashValue } from './hash-message.ts';
import { TraceHash } from './trace-hash.ts';
import { TraceReader } from './trace-reader.ts';
import type { TraceRecord, TraceSink } from './trace-sink.ts';

type Recorded<K extends TraceRecord['kind']> = Extract<TraceRecord, { readonly kind: K }>;

/** Where the machines first did something else than the trace says. */
export interface Divergence {
  /** Number of the record, from 1. */
  readonly record: number;
  readonly atMs: number;
  readonly node: number;
  /** One sentence. */
  readonly message: string;
}

export interface ReplayResult {
  readonly records: number;
  /** Virtual ms. */
  readonly simulatedMs: number;
  /** What the machines give now, and what the run gave that wrote the trace. */
  readonly hash: string;
  readonly recordedHash: string;
  /** Null: everything is as it was. Nothing is replayed after it. */
  readonly divergence: Divergence | null;
  /** What a machine threw at the end of the trace, as it did in the run; null if nothing. */
  readonly thrown: unknown;
}

/**
 * Replays a trace. Throws {@link TraceError} where it cannot be read; `log` is given each record
 * before it is replayed.
 */
export function replay(bytes: Uint8Array, log?: TraceSink): ReplayResult {
  const reader = new TraceReader(bytes);
  const players = new Players();
  let records = 0;
  let atMs = 0;
  let thrown: unknown = null;
  let divergence: Divergence | null = null;
  for (const record of reader.records()) {
    records++;
    if (divergence !== null) continue;
    if (thrown !== null) {
      divergence = { record: records, ...whereOf(record), message: `it threw: ${String(thrown)}` };
      continue;
    }
    ({ atMs } = record);
    log?.record(record);
    try {
      const message = players.play(record);
      if (message !== null) divergence = { record: records, ...whereOf(record), message };
    } catch (error) {
      if (error instanceof TraceError) throw error;
      thrown = error;
    }
  }
  return {
    records,
    simulatedMs: atMs,
    hash: players.hash.digest(),
    recordedHash: reader.end?.hash ?? '',
    divergence,
    thrown,
  };
}

function whereOf({ atMs, node }: TraceRecord): Pick<Divergence, 'atMs' | 'node'> {
  return { atMs, node };
}

/** The machine of one node, life after life. */
class Player {
  life = 0;
  core: ClusterCore | null = null;
  keyCount = 0;
  readonly keys = new Map<number, number>();
  /** What it asked for since the last settle, and how much of that the trace has told. */
  effects: ClusterEffect[] = [];
  told = 0;
  isSettled = false;
  replication: Replication | null = null;
  replicationEffects: ReplicationEffect[] = [];
  isLoading = false;
}

class Players {
  readonly hash: TraceHash = new TraceHash();
  readonly #players = new Map<number, Player>();

  /** Null, or what is different from the trace. */
  play(record: TraceRecord): string | null {
    if (record.kind === 'environment') {
      this.hash.event(record.atMs, record.node, 3);
      this.hash.text(record.what);
      this.hash.text(record.detail);
      return null;
    }
    const player = this.#playerOf(record.node);
    if (record.kind !== 'effect') {
      const untold = this.#takeUntold(player);
      if (untold !== null) return untold;
    }
    switch (record.kind) {
      case 'start':
        return this.#start(player, record);
      case 'stop':
        this.hash.event(record.atMs, record.node, -player.life);
        player.core = null;
        player.effects = [];
        player.replication = null;
        player.replicationEffects = [];
        player.isLoading = false;
        player.keys.clear();
        player.keyCount = 0;
        return null;
      case 'input':
        this.#input(player, record);
        return null;
      case 'command':
        return this.#command(player, record);
      case 'dataLoaded':
        coreOf(player).dataLoaded(record.nowMs, record.isMissing, player.effects);
        return null;
      case 'settle':
        coreOf(player).settle(record.nowMs, player.effects);
        player.isSettled = true;
        return null;
      case 'effect':
        return this.#effect(player, record);
      case 'options':
        coreOf(player).options = record.options;
        return null;
      case 'keys':
        player.keyCount += record.count - (player.keys.get(record.slot) ?? 0);
        player.keys.set(record.slot, record.count);
        return null;
      case 'replicationStart':
        this.#startReplication(player, record);
        return null;
      case 'replicationInput':
        this.#replicationInput(player, record);
        return null;
      case 'replicationSettle':
        replicationOf(player).settle(record.nowMs, player.replicationEffects);
        return null;
      case 'replicationEffect':
        return this.#replicationEffect(player, record);
      case 'append':
        this.hash.event(record.atMs, record.node, 6);
        replicationOf(player).appendCommand(0, argumentsOf(record.words));
        return null;
      case 'applied':
        replicationOf(player).applied(record.bytes, record.db);
        return null;
      case 'loading':
        player.isLoading = record.isLoading;
        return null;
      default:
        return record satisfies never;
    }
  }

  #playerOf(node: number): Player {
    const known = this.#players.get(node);
    if (known !== undefined) return known;
    const player = new Player();
    this.#players.set(node, player);
    return player;
  }

  #start(player: Player, record: Recorded<'start'>): null {
    const { nowMs, conf, random, options } = record;
    player.life++;
    player.core = new ClusterCore({
      topology: toTopology(parseNodesConf(new TextEncoder().encode(conf)), { nowMs }),
      nowMs,
      options,
      random: seededRandom(...random),
      facts: {
        keyCountInSlot: (slot) => player.keys.get(slot) ?? 0,
        keyCount: () => player.keyCount,
        ...factsOf(() => replicationOf(player)),
        isLoading: () => player.isLoading,
      },
    });
    this.hash.event(record.atMs, record.node, player.life);
    return null;
  }

  #startReplication(player: Player, record: Recorded<'replicationStart'>): void {
    const { nowMs, random, options, saved, startsAsReplica } = record;
    player.replication = new Replication({
      ...{ options, nowMs, saved, startsAsReplica },
      random: seededRandom(...random),
    });
    this.hash.event(record.atMs, record.node, 5);
  }

  #replicationInput(
    player: Player,
    { atMs, node, nowMs, input }: Recorded<'replicationInput'>,
  ): void {
    this.hash.replicationInput(atMs, node, input);
    const step =
      input.kind === 'command'
        ? {
            kind: input.kind,
            client: input.client,
            remoteHost: input.remoteHost,
            args: argumentsOf(input.words),
          }
        : input;
    replicationOf(player).step(nowMs, step, player.replicationEffects);
  }

  #replicationEffect(player: Player, { effect }: Recorded<'replicationEffect'>): string | null {
    const now = player.replicationEffects.shift();
    if (now === undefined) return `it asked for nothing, and the trace says ${effect.kind}`;
    this.hash.replicationEffect(now);
    if (hashValue(now) === hashValue(effect)) return null;
    return `its replication asked for ${now.kind}, and the trace says another ${effect.kind}`;
  }

  #input(player: Player, { atMs, node, nowMs, input }: Recorded<'input'>): void {
    this.hash.input(atMs, node, input, messageHashOf(input));
    coreOf(player).step(nowMs, input, player.effects);
  }

  #command(player: Player, record: Recorded<'command'>): string | null {
    const { atMs, node, nowMs, command, outcome } = record;
    const now = coreOf(player).execute(nowMs, command, player.effects);
    this.hash.event(atMs, node, 2);
    this.hash.text(command.kind);
    this.hash.text(now.text);
    if (now.text === outcome.text) return null;
    return `it answered '${now.text}' to ${command.kind}, and the trace says '${outcome.text}'`;
  }

  #effect(player: Player, { effect }: Recorded<'effect'>): string | null {
    const now = player.effects[player.told++];
    if (now === undefined) return `it asked for nothing, and the trace says ${effect.kind}`;
    this.hash.effect(now);
    if (player.told === player.effects.length) forgetEffects(player);
    if (hashValue(now) === hashValue(effect)) return null;
    return now.kind === effect.kind
      ? `it asked for another ${now.kind} than the trace says`
      : `it asked for ${now.kind}, and the trace says ${effect.kind}`;
  }

  /** Effects that the trace does not tell, though it goes on. */
  #takeUntold(player: Player): string | null {
    if (!player.isSettled) return null;
    const next = player.effects[player.told];
    forgetEffects(player);
    return next === undefined ? null : `it asked for ${next.kind}, and the trace does not say so`;
  }
}

function forgetEffects(player: Player): void {
  player.effects = [];
  player.told = 0;
  player.isSettled = false;
}

function coreOf({ core }: Player): ClusterCore {
  if (core !== null) return core;
  throw new TraceError('CORRUPT', 'the trace is damaged: something reaches a node that is not up');
}

function replicationOf({ replication }: Player): Replication {
  if (replication !== null) return replication;
  throw new TraceError('CORRUPT', 'the trace is damaged: something reaches a node that is not up');
}

function messageHashOf(input: ClusterInput): number {
  return input.kind === 'message' ? hashMessage(input.message) : 0;
}
