// Running redis-cli so that a test sees every complaint of it.

import { expect } from 'vitest';
import { runRedisCli, type ToolResult } from '../../../../../scripts/testing/redis-server.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
const COLOUR = /\x1b\[[\d;]*m/g;

/** Errors and warnings of redis-cli itself, and errors of a server that it passes on. "0 ERR." is none. */
const COMPLAINT = /^.*(\[ERR\]|\[WARNING\]|\*\*\* ERROR|\bERR (?!0)|failed).*$/gim;

export function withoutColours(text: string): string {
  return text.replaceAll(COLOUR, '');
}

/** The output of a tool, without colours. A complaint in it fails the test. */
export function withoutComplaint({ code, stdout, stderr }: ToolResult): string {
  const text = withoutColours(stdout);
  const complaints = text.match(COMPLAINT) ?? [];
  expect({ code, stderr, complaints }, text).toEqual({ code: 0, stderr: '', complaints: [] });
  return text;
}

/** `redis-cli --cluster ...`, which must be content. */
export async function cluster(...args: readonly string[]): Promise<string> {
  return withoutComplaint(await runRedisCli(['--cluster', ...args]));
}
