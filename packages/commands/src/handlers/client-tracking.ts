// CLIENT TRACKING and what belongs to it: whose reads are remembered, and who is told of changes.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Bytes, latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import type { TrackingOptions, TrackingState } from '../tracking-state.ts';

const OTHER_MODE =
  'before disabling tracking for this client, and then re-enabling it with a different mode.';

interface TrackingRequest extends TrackingOptions {
  readonly prefixes: readonly string[];
}

export function clientTrackingCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const request = requestOf(context, args);
  if (request === null) return;
  const { session, tracking, keyEvents } = context;
  if (isWord(args, 2, 'ON')) {
    const problem =
      conflictOf(request, session.tracking) ?? prefixConflictOf(request, session.tracking);
    if (problem !== null) {
      context.error(problem);
      return;
    }
    const { prefixes, ...options } = request;
    tracking.turnOn(session, options, prefixes);
  } else if (isWord(args, 2, 'OFF')) {
    tracking.turnOff(session);
  } else {
    context.error(SYNTAX_ERROR);
    return;
  }
  keyEvents.update();
  reply.simple('OK');
}

/** Null: the client has been told what is wrong. */
function requestOf(context: CommandContext, args: Arguments): TrackingRequest | null {
  const request = {
    broadcast: false,
    optIn: false,
    optOut: false,
    noLoop: false,
    redirectId: 0,
    prefixes: [] as string[],
  };
  for (let i = 3; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (isWord(args, i, 'REDIRECT') && hasMore) {
      if (request.redirectId !== 0) {
        context.error('ERR A client can only redirect to a single other client');
        return null;
      }
      const id = redirectionOf(context, args, ++i);
      if (id === null) return null;
      request.redirectId = id;
    } else if (isWord(args, i, 'PREFIX') && hasMore) request.prefixes.push(latin1Of(args, ++i));
    else if (isWord(args, i, 'BCAST')) request.broadcast = true;
    else if (isWord(args, i, 'OPTIN')) request.optIn = true;
    else if (isWord(args, i, 'OPTOUT')) request.optOut = true;
    else if (isWord(args, i, 'NOLOOP')) request.noLoop = true;
    else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return request;
}

function redirectionOf(context: CommandContext, args: Arguments, i: number): number | null {
  const id = integerOf(args, i);
  if (id === null) {
    context.error(NOT_AN_INTEGER);
    return null;
  }
  if (context.clients.get(Number(id)) === undefined) {
    context.error('ERR The client ID you want redirect to does not exist');
    return null;
  }
  return Number(id);
}

/** What does not go together, or not with the mode that the client is in; null = nothing. */
function conflictOf(request: TrackingRequest, before: TrackingState | null): string | null {
  const { broadcast, optIn, optOut, prefixes } = request;
  if (!broadcast && prefixes.length > 0) {
    return 'ERR PREFIX option requires BCAST mode to be enabled';
  }
  if (before !== null && before.options.broadcast !== broadcast) {
    return `ERR You can't switch BCAST mode on/off ${OTHER_MODE}`;
  }
  if (broadcast && (optIn || optOut)) return 'ERR OPTIN and OPTOUT are not compatible with BCAST';
  if (optIn && optOut) return "ERR You can't specify both OPTIN mode and OPTOUT mode";
  if (before !== null && ((optIn && before.options.optOut) || (optOut && before.options.optIn))) {
    return `ERR You can't switch OPTIN/OPTOUT mode ${OTHER_MODE}`;
  }
  return null;
}

/** No key may have two prefixes of one client, or it would hear of it twice. */
function prefixConflictOf(
  { broadcast, prefixes }: TrackingRequest,
  before: TrackingState | null,
): string | null {
  if (!broadcast) return null;
  const overlap = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  const rule = 'Prefixes for a single client must not overlap.';
  for (const [i, prefix] of prefixes.entries()) {
    for (const old of before?.prefixes ?? []) {
      if (overlap(prefix, old)) {
        return `ERR Prefix '${prefix}' overlaps with an existing prefix '${old}'. ${rule}`;
      }
    }
    for (const other of prefixes.slice(i + 1)) {
      if (overlap(prefix, other)) {
        return `ERR Prefix '${prefix}' overlaps with another provided prefix '${other}'. ${rule}`;
      }
    }
  }
  return null;
}

export function clientCachingCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { tracking } = context.session;
  if (tracking === null) {
    context.error(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode ' +
        'with OPTIN or OPTOUT mode enabled',
    );
  } else if (isWord(args, 2, 'YES')) {
    if (!tracking.options.optIn) {
      context.error('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
      return;
    }
    tracking.caching = 'yes';
    reply.simple('OK');
  } else if (isWord(args, 2, 'NO')) {
    if (!tracking.options.optOut) {
      context.error('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
      return;
    }
    tracking.caching = 'no';
    reply.simple('OK');
  } else {
    context.error(SYNTAX_ERROR);
  }
}

export function clientGetredirCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.integer(context.session.tracking?.options.redirectId ?? -1);
}

export function clientTrackinginfoCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { tracking } = context.session;
  const flags = tracking === null ? ['off'] : flagsOf(tracking);
  const prefixes = tracking?.prefixes ?? new Set<string>();
  reply.map(3);
  reply.text('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
  reply.text('redirect');
  reply.integer(tracking?.options.redirectId ?? -1);
  reply.text('prefixes');
  reply.array(prefixes.size);
  for (const prefix of prefixes) reply.bulk(latin1Bytes(prefix));
}

function flagsOf({ options, caching, redirectBroken }: TrackingState): string[] {
  const flags: readonly (readonly [name: string, isSet: boolean])[] = [
    ['on', true],
    ['bcast', options.broadcast],
    ['optin', options.optIn],
    ['caching-yes', caching === 'yes'],
    ['optout', options.optOut],
    ['caching-no', caching === 'no'],
    ['noloop', options.noLoop],
    ['broken_redirect', redirectBroken],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}
