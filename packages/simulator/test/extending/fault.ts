import type { Fault } from '@slotmesh/simulator';

export const hiccup: Fault<{ readonly ms: number }> = {
  name: 'hiccup',
  title: 'one process stands still for a moment',
  everyMs: { min: 1000, max: 30_000 },
  draw: (dice) => ({ ms: dice.between(10, 500) }),
  strike(world, { ms }, dice) {
    const live = world.liveNodes();
    if (live.length === 0) return null;
    const node = dice.pick(live);
    node.pause();
    return { what: `${node.index} for ${ms} ms`, forMs: ms, undo: () => node.resume() };
  },
};
