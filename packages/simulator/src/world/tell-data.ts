// What happens to a node's data, told to those who watch.

import type { DataEvents, SimNode } from './contract.ts';
import type { Handlers } from './tell.ts';

export function tellOfData(node: SimNode, handlers: Handlers): DataEvents {
  return {
    noticed: (notice) => {
      for (const tell of handlers.replicationNoticed) tell(node, notice);
    },
    wrote: (_data, position) => {
      for (const tell of handlers.wrote) tell(node, position);
    },
    applied: (_data, position) => {
      for (const tell of handlers.applied) tell(node, position);
    },
    received: (position, chunk) => {
      for (const tell of handlers.streamReceived) tell(node, position, chunk);
    },
    snapshotTaken: () => {},
    replaced: (_data, position) => {
      for (const tell of handlers.dataReplaced) tell(node, position);
    },
  };
}
