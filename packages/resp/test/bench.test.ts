import { it } from 'vitest';
import { run as runCommands } from '../bench/commands.bench.ts';
import { run as runReplies } from '../bench/reply-decoding.bench.ts';

it('the bench of reply decoding runs, and all decoders agree', async () => {
  await runReplies({ quick: true });
});

it('the bench of commands and of writing replies runs, and both sides agree', async () => {
  await runCommands({ quick: true });
});
