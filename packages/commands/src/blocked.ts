// What a client waits for that has sent a blocking command.

/** One wait. Everything is decided by whoever made it; it only has to be ended. */
export interface Blocked {
  /** Wall clock, Unix milliseconds; infinite where it waits for ever. */
  readonly deadlineMs: number;
  /** False for waits that are over by themselves soon: CLIENT UNBLOCK and changes of the role leave them alone. */
  readonly canBeEnded: boolean;
  /** Writes the reply of a wait that was in vain: its time is over, or CLIENT UNBLOCK says so. */
  timedOut(): void;
}
