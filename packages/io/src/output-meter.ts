// How much output may wait for a reader that does not read. Over the hard limit ends the connection at once, over the soft
// limit if it stays so for a time: client-output-buffer-limit of redis.conf has both, in these terms.

/** 0 = no limit. */
export interface OutputLimits {
  readonly hardBytes: number;
  readonly softBytes: number;
  /** How long the output may stay above `softBytes`. */
  readonly softMs: number;
}

export const NO_OUTPUT_LIMITS: OutputLimits = { hardBytes: 0, softBytes: 0, softMs: 0 };

export class OutputMeter {
  limits: OutputLimits;
  #overSoftSinceMs = -1;

  constructor(limits: OutputLimits = NO_OUTPUT_LIMITS) {
    this.limits = limits;
  }

  /** Which limit `waitingBytes` of output break now, if any. To be asked after output was added, and now and then. */
  check(waitingBytes: number, nowMs: number): 'hard' | 'soft' | null {
    const { hardBytes, softBytes, softMs } = this.limits;
    if (hardBytes > 0 && waitingBytes >= hardBytes) return 'hard';
    if (softBytes === 0 || waitingBytes < softBytes) {
      this.#overSoftSinceMs = -1;
      return null;
    }
    if (this.#overSoftSinceMs < 0) this.#overSoftSinceMs = nowMs;
    return nowMs - this.#overSoftSinceMs > softMs ? 'soft' : null;
  }
}
