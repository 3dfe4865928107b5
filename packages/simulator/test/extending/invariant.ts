import type { Invariant } from '@slotmesh/simulator';

export const selfIsNeverSuspected: Invariant = {
  id: 'X1',
  title: 'No node suspects itself',
  source: 'the specification, failure detection',
  watch: () => ({
    settled: ({ topology }) => {
      const { self } = topology;
      return topology.isPfail(self) || topology.isFail(self) ? 'it suspects itself' : null;
    },
  }),
};
