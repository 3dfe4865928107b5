// Whether the cluster is served as this node sees it (`cluster_state`): all slots covered, if that
// is asked for, and a majority of the voters not failing. A primary waits before it calls a cluster
// ok again, for the others to tell it that it was replaced: after its start, and after it was cut
// off with a minority.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Millis } from '@slotmesh/machine';
import type { Topology } from '@slotmesh/topology';
import type { ClusterOptions } from './contract.ts';

const REJOIN_DELAY_MS_MIN = 500;
const REJOIN_DELAY_MS_MAX = 5000;

export class Health {
  readonly #startedMs: Millis;
  /** When this node last saw itself without a majority. */
  #minorityMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(nowMs: Millis) {
    this.#startedMs = nowMs;
  }

  /** Looks at the table and sets its `clusterState`; true if that changed. */
  update(nowMs: Millis, topology: Topology, options: ClusterOptions): boolean {
    const isPrimary = topology.isPrimary(topology.self);
    const isStarting = nowMs - this.#startedMs < options.writableDelayMs;
    if (isPrimary && topology.clusterState === 'fail' && isStarting) return false;
    const { voters, reachableVoters, servedSlots } = topology.census;
    const hasMajority = reachableVoters >= Math.floor(voters / 2) + 1;
    const isCovered = servedSlots === SLOT_COUNT;
    if (!hasMajority) this.#minorityMs = nowMs;
    const isOk = hasMajority && (!options.requireFullCoverage || isCovered);
    const state = isOk ? 'ok' : 'fail';
    if (state === topology.clusterState) return false;
    const rejoinMs = clamp(options.nodeTimeoutMs, REJOIN_DELAY_MS_MIN, REJOIN_DELAY_MS_MAX);
    if (isOk && isPrimary && nowMs - this.#minorityMs < rejoinMs) return false;
    topology.clusterState = state;
    topology.revision++;
    return true;
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
