// TIME and SHUTDOWN.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';

export function timeCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const nowUs = context.ports.clock.wallUs();
  reply.array(2);
  reply.text(String(Math.floor(nowUs / 1_000_000)));
  reply.text(String(nowUs % 1_000_000));
}

const NOSAVE = 1;
const SAVE = 2;
const NOW = 4;
const FORCE = 8;
const ABORT = 16;
const SAFE = 32;
const FAILOVER = 64;
const SHUTDOWN_OPTIONS: ReadonlyMap<string, number> = new Map([
  ['NOSAVE', NOSAVE],
  ['SAVE', SAVE],
  ['NOW', NOW],
  ['FORCE', FORCE],
  ['ABORT', ABORT],
  ['SAFE', SAFE],
  ['FAILOVER', FAILOVER],
]);

function shutdownOptions(args: Arguments): number | null {
  let options = 0;
  for (let i = 1; i < args.count; i++) {
    let option = 0;
    for (const [word, bit] of SHUTDOWN_OPTIONS) if (isWord(args, i, word)) option = bit;
    if (option === 0) return null;
    options |= option;
  }
  const abortsAndMore = (options & ABORT) !== 0 && options !== ABORT;
  const savesAndNot = (options & (SAVE | NOSAVE)) === (SAVE | NOSAVE);
  return abortsAndMore || savesAndNot ? null : options;
}

/** SAFE and FAILOVER are Valkey 9's. No reply where the server ends: the connection just closes. */
export function shutdownCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const options = shutdownOptions(args);
  const { server, cluster } = context.ports;
  if (options === null) {
    context.error(SYNTAX_ERROR);
    return;
  }
  if (options === ABORT) {
    if (server.abortShutdown()) reply.simple('OK');
    else context.error('ERR No shutdown in progress.');
    return;
  }
  if ((options & FAILOVER) !== 0) {
    context.error('ERR SHUTDOWN FAILOVER is not supported by this server');
    return;
  }
  const ownedSlots = cluster === null ? 0 : cluster.topology.slotsOf(cluster.topology.self).count;
  if ((options & SAFE) !== 0 && ownedSlots > 0) {
    context.error(`ERR SHUTDOWN SAFE refused: this node serves ${ownedSlots} hash slots`);
    return;
  }
  const accepted = server.shutdown({
    save: (options & SAVE) !== 0 ? 'save' : (options & NOSAVE) !== 0 ? 'nosave' : 'default',
    now: (options & NOW) !== 0,
    force: (options & FORCE) !== 0,
  });
  if (!accepted) context.error('ERR Errors trying to SHUTDOWN. Check logs.');
}
