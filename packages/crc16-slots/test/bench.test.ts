import { it } from 'vitest';
import { run as runKeySlot } from '../bench/key-slot.bench.ts';
import { run as runSlotSet } from '../bench/slot-set.bench.ts';

it('the bench of keySlot runs, and both sides agree', async () => {
  await runKeySlot({ quick: true });
});

it('the bench of SlotSet runs', async () => {
  await runSlotSet({ quick: true });
});
