// The wall clock of a machine is set: by a second, an hour, a year, or to a date at the end of
// somebody's calendar. The process notices at its next start, which may be at once (redis#6416).

import { UNIX_START_MS } from '../clock/node-clock.ts';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Just before seconds no longer fit 31 bits. */
const Y2038_MS = 2 ** 31 * 1000 - 30_000;
const Y2100_MS = 4_102_444_800_000;

interface WallJumpOptions {
  /** How often the process is started anew right away. */
  readonly restart: number;
}

export const wallJump: Fault<WallJumpOptions> = {
  name: 'wall-jump',
  title: 'wall clocks are set, by seconds up to decades',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({ restart: dice.fraction() }),
  strike(world: World, options: WallJumpOptions, dice: Dice): Strike | null {
    const node = dice.pick(world.nodes);
    const { clock } = node;
    const before = clock.wallOffsetMs;
    clock.wallOffsetMs = offsetFor(dice, before, UNIX_START_MS + world.nowMs);
    if (node.isUp && dice.chance(options.restart)) {
      node.stop('killed', dice);
      node.start();
    }
    return {
      what: `${node.index} by ${clock.wallOffsetMs - before} ms`,
      forMs: 0,
      undo: () => {},
    };
  },
};

/** `trueMs`: Unix time without any jump. The wall clock never shows a time before 1970. */
function offsetFor(dice: Dice, before: number, trueMs: number): number {
  const sign = dice.chance(0.5) ? 1 : -1;
  const offsetMs = dice.pick([
    before + sign * 1000,
    before + sign * HOUR_MS,
    before + sign * YEAR_MS,
    -trueMs,
    Y2038_MS - trueMs,
    Y2100_MS - trueMs,
    // Somebody notices, and sets it right.
    0,
  ]);
  return Math.max(offsetMs, -trueMs);
}
