// What tests ask a real server.

import { type RedisServer, runRedisCli } from '../../../../scripts/testing/real-redis.ts';
import { bytes, text } from './bytes.ts';
import type { SnapshotFormat } from './node.ts';

export async function cli(server: { port: number }, ...words: string[]): Promise<string> {
  const { stdout } = await runRedisCli(['-p', String(server.port), ...words]);
  return stdout.trimEnd();
}

/** INFO as a map. */
export async function info(
  server: RedisServer,
  section = 'replication',
): Promise<Map<string, string>> {
  const fields = new Map<string, string>();
  for (const line of (await cli(server, 'INFO', section)).split(/\r?\n/)) {
    const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields.set(name, value);
  }
  return fields;
}

/** The text of an `AUX` field of a snapshot; null if it has none. */
export function auxField(file: Uint8Array, name: string): string | null {
  const at = text(file).indexOf(`${String.fromCharCode(name.length)}${name}`);
  if (at < 0) return null;
  const value = at + 1 + name.length;
  const length = file[value];
  // Short whole numbers are saved as such.
  if (length === 0xc0) return String(file[value + 1]);
  if (length === 0xc1) return String(file[value + 1] | (file[value + 2] << 8));
  return text(file.subarray(value + 1, value + 1 + length));
}

/**
 * Snapshots of a real server, whose keys are nobody's concern: tests look at what the stream brings after them. What is
 * written is an empty data set with the fields that a restart needs.
 */
export const RDB: SnapshotFormat = {
  write: ({ history }) => {
    const aux = (name: string, value: string): string =>
      `\xfa${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`;
    const fields =
      history === null
        ? ''
        : aux('repl-stream-db', String(history.streamDb)) +
          aux('repl-id', history.id) +
          aux('repl-offset', String(history.offset));
    // Eight zeros are a checksum that nobody has computed.
    return bytes(`REDIS0010${fields}\xff${'\0'.repeat(8)}`);
  },
  read: (file) => {
    const db = auxField(file, 'repl-stream-db');
    if (!text(file).startsWith('REDIS0010')) throw new Error(`no snapshot: ${text(file)}`);
    const history = { id: '', offset: 0, streamDb: Number(db ?? 0) };
    return { history, data: [] };
  },
};
