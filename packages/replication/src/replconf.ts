// REPLCONF from a client, as Redis 7.0 answers it: what a replica tells of itself before SYNC or PSYNC, and its acks
// afterwards, which get no reply. What it wants of its snapshot is settled by its SYNC: the log and the snapshot under way
// go by it.

import type { Arguments } from '@slotmesh/resp';
import { ANNOUNCED_HOST_BYTES_MAX } from './limits.ts';
import type { Replica } from './replica.ts';
import { argumentText, errorReply, parseInteger } from './text.ts';

const NODE_ID = /^[0-9a-f]{40}$/;
const NOT_AN_INTEGER = 'value is not an integer or out of range';

/** What the machine has to do besides. */
export interface ReplconfSinks {
  ack(offset: number): void;
  reply(bytes: Uint8Array | string): void;
}

/** Handles one REPLCONF. Options before one that is wrong have taken effect, as in the real server. */
export function replconf(replica: Replica, args: Arguments, sinks: ReplconfSinks): void {
  const fail = (text: string): void => sinks.reply(errorReply(text));
  if (args.count % 2 === 0) {
    fail('syntax error');
    return;
  }
  for (let i = 1; i < args.count; i += 2) {
    const option = argumentText(args, i);
    const value = argumentText(args, i + 1);
    switch (option.toLowerCase()) {
      case 'listening-port': {
        const port = parseInteger(value);
        if (port === undefined) {
          fail(NOT_AN_INTEGER);
          return;
        }
        replica.listeningPort = port;
        break;
      }
      case 'ip-address':
        if (value.length > ANNOUNCED_HOST_BYTES_MAX) {
          fail(
            `REPLCONF ip-address provided by replica instance is too long: ${value.length} bytes`,
          );
          return;
        }
        replica.announcedHost = value === '' ? null : value;
        break;
      case 'capa':
        // What is not understood is somebody's from a later version.
        if (value.toLowerCase() === 'eof') replica.canEof = true;
        if (value.toLowerCase() === 'psync2') replica.canPsync2 = true;
        break;
      case 'set-cluster-node-id':
        // An option of Valkey 9.
        if (!NODE_ID.test(value)) {
          fail('Invalid cluster node id');
          return;
        }
        replica.nodeId = value;
        break;
      case 'ack': {
        const offset = parseInteger(value);
        if (offset !== undefined) sinks.ack(offset);
        return;
      }
      case 'getack':
        // For a primary's link alone, where the app says so by another input.
        return;
      case 'rdb-only': {
        const flag = parseInteger(value);
        if (flag !== 0 && flag !== 1) {
          fail(
            flag === undefined
              ? NOT_AN_INTEGER
              : 'value is out of range, value must between 0 and 1',
          );
          return;
        }
        if (replica.state === 'idle') replica.isSnapshotOnly = flag === 1;
        break;
      }
      case 'rdb-filter-only':
        if (!filterOnly(replica, value, fail)) return;
        break;
      default:
        fail(`Unrecognized REPLCONF option: ${option}`);
        return;
    }
  }
  sinks.reply('+OK\r\n');
}

/** A list of what the snapshot is to have; it has nothing else. */
function filterOnly(replica: Replica, value: string, fail: (text: string) => void): boolean {
  if (value.split('"').length % 2 === 0 || value.split("'").length % 2 === 0) {
    fail('Missing rdb-filter-only values');
    return false;
  }
  let functions = false;
  for (const name of value.split(/\s+/)) {
    if (name === '') continue;
    if (name.toLowerCase() !== 'functions') {
      fail(`Unsupported rdb-filter-only option: ${name}`);
      return false;
    }
    functions = true;
  }
  if (replica.state === 'idle') replica.content = { data: false, functions };
  return true;
}
