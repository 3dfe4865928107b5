// Whether the cluster is served as this node sees it (`cluster_state`): all slots covered, if that
// is asked for, and a majority of the voters not failing. A primary waits before it calls a cluster
// ok again, for the others to tell it that it was replaced: after its start, and after it was cut
// off with a minority.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Millis } from '@slotmesh/machine';
import type { Topology } from '@slotmesh/topology';
import type { ClusterOptions } from './contract.ts';

export class Health {
  readonly #startedMs: Millis;
  /** When this node last saw itself without a majority. */
  #minorityMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(nowMs: Millis) {
    this.#startedMs = nowMs;
  }

  /**
   * Looks at the table and sets its `clusterState`; true if that changed. `mayServe`: nothing speaks
   * against this node's serving what its table says is its own.
   */
  update(nowMs: Millis, topology: Topology, options: ClusterOptions, mayServe: boolean): boolean {
    const isPrimary = topology.isPrimary(topology.self);
    const isStarting = nowMs - this.#startedMs < options.writableDelayMs;
    if (isPrimary && topology.clusterState === 'fail' && isStarting) return false;
    const { voters, reachableVoters, servedSlots } = topology.census;
    const hasMajority = reachableVoters >= Math.floor(voters / 2) + 1;
    const isCovered = servedSlots === SLOT_COUNT;
    if (!hasMajority) this.#minorityMs = nowMs;
    const isOk = mayServe && hasMajority && (!options.requireFullCoverage || isCovered);
    const state = isOk ? 'ok' : 'fail';
    if (state === topology.clusterState) return false;
    const { nodeTimeoutMs, rejoinDelayMsMin, rejoinDelayMsMax } = options;
    const rejoinMs = clamp(nodeTimeoutMs, rejoinDelayMsMin, rejoinDelayMsMax);
    if (isOk && isPrimary && nowMs - this.#minorityMs < rejoinMs) return false;
    topology.clusterState = state;
    topology.revision++;
    return true;
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
