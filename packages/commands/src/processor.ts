// Hot path: one command from its arguments to its reply; bench in bench/execute.bench.ts.
//
// The checks stand in the order of the real server's, because the first that fails words the reply: does the command
// exist, is the number of arguments right, is it allowed at all, has the client logged in, is it served here, may a
// subscriber send it.

import type { SlotSet } from '@slotmesh/crc16-slots';
import type { Arguments } from '@slotmesh/resp';
import { printedOf } from './bytes.ts';
import { ClientRegistry } from './clients.ts';
import { type Command, CommandFlag, type CommandTable } from './command.ts';
import { CommandContext } from './context.ts';
import { NO_AUTH } from './errors.ts';
import { debugRefusal } from './handlers/debug.ts';
import type { Ports } from './ports.ts';
import { PubSub } from './pubsub.ts';
import { CommandRoute, redirectionText } from './routing.ts';
import type { Session } from './session.ts';
import { ServerStats } from './stats.ts';
import { COMMAND_TABLE } from './table/index.ts';

/** Errors echo at most so many bytes of what the client sent. */
const ECHO_BYTES_MAX = 128;
/** Of a fast command every so many-th call is timed and stands for the others: the clock would cost more than it. */
const FAST_SAMPLE = 16;

/** Executes the commands of all sessions of a server. */
export class CommandProcessor {
  readonly clients: ClientRegistry = new ClientRegistry();
  readonly pubsub: PubSub = new PubSub();
  readonly stats: ServerStats;

  readonly #ports: Ports;
  readonly #table: CommandTable = COMMAND_TABLE;
  readonly #context: CommandContext;
  readonly #route = new CommandRoute();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.stats = new ServerStats(this.#table.all.length);
    this.#context = new CommandContext(ports, this.#table, this.clients, this.pubsub, this.stats);
  }

  /** A client has connected. */
  connect(session: Session): void {
    this.clients.add(session);
  }

  /** A client is gone: its subscriptions end. */
  disconnect(session: Session): void {
    session.closed = true;
    this.pubsub.forget(session);
    this.clients.remove(session);
  }

  /** A message that was published on another node, for the subscribers here. */
  deliver(sharded: boolean, channel: Uint8Array, message: Uint8Array): void {
    this.pubsub.publish(sharded, channel, message);
  }

  /** Slots that this node serves no more: sharded subscriptions in them end. */
  dropShardSubscriptions(slots: SlotSet): void {
    this.pubsub.dropSlots(slots);
  }

  /**
   * Executes one command; its reply is in `session.reply` then. Nothing happens once the session is to be closed.
   * Throws only for a bug of ours.
   */
  execute(session: Session, args: Arguments): void {
    if (session.closed || session.closeAfterReply) return;
    const { reply } = session;
    const before = reply.length;
    const context = this.#context;
    context.session = session;
    context.failed = false;
    session.pushedLength = 0;
    context.nowMs = this.#ports.clock.wallMs();
    session.lastCommandAtMs = context.nowMs;
    const wasAsking = session.asking;

    const command = this.#table.resolve(args);
    session.lastCommand = command === null ? 'NULL' : command.fullName;
    if (command !== null) context.command = command;
    const refusal = this.#refusal(context, command, args);
    if (refusal !== null) {
      if (command !== null) this.stats.rejected[command.id]++;
      context.error(refusal);
    } else if (command !== null) {
      this.#run(command, context, args);
    }

    // ASKING holds for the command that follows it, whatever becomes of that one.
    if (wasAsking) session.asking = false;
    if (session.replyMode !== 'on') applyReplyMode(session, before);
  }

  /** Why the command is not run, as the error to answer; null if it is. */
  #refusal(context: CommandContext, command: Command | null, args: Arguments): string | null {
    if (command === null) return unknownCommandText(this.#table, args);
    if (command.run === null || !command.accepts(args.count)) {
      return `ERR wrong number of arguments for '${command.fullName}' command`;
    }
    const { session } = context;
    if (command.spec.name === 'debug') {
      const refusal = debugRefusal(this.#ports.debug, session);
      if (refusal !== null) return refusal;
    }
    if (
      !session.authenticated &&
      (command.flags & CommandFlag.noAuth) === 0 &&
      this.#ports.auth.required
    ) {
      return NO_AUTH;
    }
    context.database = this.#ports.keyspace.databases[session.database];
    context.slot = 0;
    const { cluster } = this.#ports;
    const { keys } = command;
    if (cluster !== null && keys !== null) {
      const request = this.#route;
      if (request.prepare(command, keys, args, session, context.database, context.nowMs)) {
        const route = cluster.route(request);
        if (route.kind !== 'serve') return redirectionText(route, cluster, session);
        context.slot = request.slot;
      }
    }
    if (
      (command.flags & CommandFlag.inSubscribedContext) === 0 &&
      session.reply.protocol === 2 &&
      session.subscriptionCount > 0
    ) {
      return (
        `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / ` +
        '(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context'
      );
    }
    return null;
  }

  #run(command: Command, context: CommandContext, args: Arguments): void {
    const { stats } = this;
    const { id, run } = command;
    const isTimed = (command.flags & CommandFlag.fast) === 0 || stats.calls[id] % FAST_SAMPLE === 0;
    const startUs = isTimed ? this.#ports.clock.monotonicUs() : 0;
    stats.calls[id]++;
    stats.commandsProcessed++;
    run!(context, args, context.session.reply);
    if (isTimed) {
      stats.timedCalls[id]++;
      stats.timedUs[id] += this.#ports.clock.monotonicUs() - startUs;
    }
    if (context.failed) stats.failed[id]++;
  }
}

/** CLIENT REPLY: takes back what the command has written, where the client wants to hear nothing. */
function applyReplyMode(session: Session, before: number): void {
  if (session.replyMode === 'skipNext') session.replyMode = 'skip';
  else {
    session.reply.truncate(Math.max(before, session.pushedLength));
    if (session.replyMode === 'skip') session.replyMode = 'on';
  }
}

function unknownCommandText(table: CommandTable, args: Arguments): string {
  const { buffer, starts, ends } = args;
  const container = table.index.find(buffer, starts[0], ends[0]);
  if (container !== null) {
    const name = printedOf(args, 0).toUpperCase();
    return `ERR unknown subcommand '${printedOf(args, 1, ECHO_BYTES_MAX)}'. Try ${name} HELP.`;
  }
  let rest = '';
  for (let i = 1; i < args.count && rest.length < ECHO_BYTES_MAX; i++) {
    rest += `'${printedOf(args, i, ECHO_BYTES_MAX - rest.length)}' `;
  }
  const name = printedOf(args, 0, ECHO_BYTES_MAX);
  return `ERR unknown command '${name}', with args beginning with: ${rest}`;
}
