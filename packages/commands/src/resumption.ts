// What clients have sent while they waited, for the end of a pause or of a blocking command: it is executed when that is
// over, each client's commands in their order.

import type { Arguments } from '@slotmesh/resp';
import type { CommandContext } from './context.ts';
import type { Session } from './session.ts';

/** To clients that waited for something when their server became a replica. */
const ROLE_CHANGED =
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)';

export class Resumption {
  readonly #context: CommandContext;
  readonly #execute: (session: Session, args: Arguments) => void;
  #isRunning = false;

  constructor(context: CommandContext, execute: (session: Session, args: Arguments) => void) {
    this.#context = context;
    this.#execute = execute;
  }

  /** If no pause is under way, all who wait for that; one of their commands may begin another. */
  paused(): void {
    const { pause, isRunning } = this.#context;
    if (isRunning || pause.mode !== null || pause.waiting.size === 0) return;
    for (const session of [...pause.waiting]) {
      pause.waiting.delete(session);
      this.#resume(session);
    }
  }

  /** All whose blocking command has been answered. While a command runs this waits for its end: see the processor. */
  released(): void {
    if (this.#isRunning || this.#context.isRunning) return;
    this.#isRunning = true;
    const { blocked } = this.#context;
    while (blocked.hasReleased) for (const session of blocked.takeReleased()) this.#resume(session);
    this.#isRunning = false;
  }

  /**
   * The server has become a replica. What clients wait for belongs to a primary, and there is no telling what becomes of
   * it: they are told so, and let go.
   */
  endWaits(): void {
    const { blocked, stats } = this.#context;
    for (const session of [...blocked]) {
      if (session.blocked?.canBeEnded !== true) continue;
      blocked.release(session, () => {
        session.reply.error(ROLE_CHANGED);
        stats.countError(ROLE_CHANGED);
      });
      session.closeAfterReply = true;
    }
  }

  /** One of the commands may make the client wait again. */
  #resume(session: Session): void {
    if (session.closed) return;
    const commands = session.postponed;
    session.postponed = [];
    session.isWaiting = false;
    for (const args of commands) this.#execute(session, args);
    if (!session.isWaiting) session.transport.setReading(true);
    session.transport.wake();
  }
}
