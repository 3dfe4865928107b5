import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type NodesConf, NodesConfError, type NodesConfErrorCode } from '../src/index.ts';

export const VECTORS = ['redis7-0', 'redis7-4', 'valkey8-0', 'valkey8-4'] as const;

export function vector(name: (typeof VECTORS)[number]): string {
  return readFileSync(fileURLToPath(new URL(`vectors/${name}.conf`, import.meta.url)), 'utf8');
}

/** A node id whose first characters are `name`. */
export function id(name: string): string {
  return name.padEnd(40, '0');
}

/** What is to be compared: sets of slots by what they hold. */
export function plain(conf: NodesConf): unknown {
  return { ...conf, nodes: conf.nodes.map((node) => ({ ...node, slots: String(node.slots) })) };
}

/** The error that `act` throws, which must be of that code and, if given, that line. */
export function expectRefusal(act: () => unknown, code: NodesConfErrorCode, line?: number): void {
  const error = thrownBy(act);
  expect(error).toBeInstanceOf(NodesConfError);
  expect({ code: (error as NodesConfError).code, message: (error as Error).message }).toEqual({
    code,
    message: expect.stringMatching(/./),
  });
  if (line !== undefined) expect((error as NodesConfError).line).toBe(line);
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
