// What this node says of itself beside its slots: address and names, from the configuration where
// that sets them.

import type { NodeAddress } from '@slotmesh/topology';
import { sameAddress } from './address.ts';
import type { GossipContext } from './context.ts';
import type { GossipOptions } from './contract.ts';

/** Keeps this node's own row as the configuration, which may change at any time, wants it. */
export class Announcer {
  /** Where the node listens: what it announces where the configuration does not say otherwise. */
  readonly #listening: NodeAddress;
  #applied: GossipOptions | null = null;

  constructor(listening: NodeAddress) {
    this.#listening = listening;
  }

  apply(context: GossipContext): void {
    const { options, topology, dirty } = context;
    if (this.#applied === options) return;
    this.#applied = options;
    const { announce } = options;
    const { self } = topology;
    const own = topology.addressOf(self);
    const listening = this.#listening;
    const address: NodeAddress = {
      host: announce.host === '' ? own.host : announce.host,
      port: announce.port === 0 ? listening.port : announce.port,
      altPort: announce.altPort === 0 ? listening.altPort : announce.altPort,
      busPort: announce.busPort === 0 ? listening.busPort : announce.busPort,
    };
    const { hostname, nodename } = announce;
    const labels = topology.labelsOf(self);
    const isSame = labels.hostname === hostname && labels.nodename === nodename;
    if (isSame && sameAddress(own, address)) return;
    topology.setAddress(self, address);
    topology.setLabels(self, { ...labels, hostname, nodename });
    dirty.save = true;
    dirty.broadcast = true;
  }
}
