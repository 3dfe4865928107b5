// What the server knows of one client that tracks keys.

export interface TrackingOptions {
  readonly broadcast: boolean;
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
  /** Of the client that gets the messages, 0 = the client itself. */
  readonly redirectId: number;
}

/** What the server knows of a tracking client. */
export class TrackingState {
  options: TrackingOptions;
  /** Of a client with BCAST; the empty prefix is that of every key. */
  readonly prefixes: Set<string> = new Set();
  /** CLIENT CACHING was sent: how the commands that follow are treated, until one has run. */
  caching: 'yes' | 'no' | null = null;
  /** The client that got the messages is gone. */
  redirectBroken = false;

  constructor(options: TrackingOptions) {
    this.options = options;
  }
}
