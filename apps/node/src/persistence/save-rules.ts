// The `save` directive: after so many seconds, if there were at least so many changes.

export interface SaveRule {
  readonly seconds: number;
  readonly changes: number;
}

/** After a save that failed the next one waits for so long, whatever the rules say. */
const RETRY_S = 5;

export class SaveRules {
  readonly #words: () => readonly number[];
  #failedAtS = Number.NEGATIVE_INFINITY;

  /** `words` gives the directive's numbers: seconds and changes in turns. */
  constructor(words: () => readonly number[]) {
    this.#words = words;
  }

  /** There is at least one. */
  get exist(): boolean {
    return this.#words().length >= 2;
  }

  /** A save has failed. */
  failed(nowS: number): void {
    this.#failedAtS = nowS;
  }

  /** The rule by which a save is due now; null if there is none. */
  due(changes: number, sinceSaveS: number, nowS: number): SaveRule | null {
    if (changes === 0 || nowS - this.#failedAtS <= RETRY_S) return null;
    const words = this.#words();
    for (let i = 0; i + 1 < words.length; i += 2) {
      const rule = { seconds: words[i], changes: words[i + 1] };
      if (changes >= rule.changes && sinceSaveS > rule.seconds) return rule;
    }
    return null;
  }
}
