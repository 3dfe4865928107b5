// The only user there is, `default`, who may do everything. His password is `requirepass`; redis-server also writes him
// as a `user` line into every file that it rewrites, so that line is read where it says nothing more than that, and
// refused where it restricts him: a rule that is not enforced must not look as if it were.

import { createHash, timingSafeEqual } from 'node:crypto';
import { DirectiveError } from './directive.ts';

/** Rules that give what `default` has anyway. */
const UNRESTRICTED = new Set([
  'on',
  '~*',
  'allkeys',
  '&*',
  'allchannels',
  '+@all',
  'allcommands',
  'sanitize-payload',
]);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

export class DefaultUser {
  readonly #password: () => string;
  /** Hashes of passwords from a `user` line; none: `requirepass` alone counts. */
  #hashes: Buffer[] = [];

  /** `password` gives `requirepass` as it is now. */
  constructor(password: () => string) {
    this.#password = password;
  }

  /** Whether a password is needed. */
  get hasPassword(): boolean {
    return this.#hashes.length > 0 || this.#password() !== '';
  }

  /** Whether the password is his. The time that it takes does not depend on it. */
  verify(user: Uint8Array, password: Uint8Array): boolean {
    const isDefault = timingSafeEqual(sha256(user), sha256(Buffer.from('default')));
    const given = sha256(password);
    const matches = this.#allHashes().map((hash) => timingSafeEqual(hash, given));
    return isDefault && (!this.hasPassword || matches.includes(true));
  }

  #allHashes(): Buffer[] {
    if (this.#hashes.length > 0) return this.#hashes;
    return [sha256(Buffer.from(this.#password()))];
  }

  /** Reads what follows `user` in a line. Throws {@link DirectiveError}. */
  load([name, ...rules]: readonly string[]): void {
    if (name !== 'default') {
      throw new DirectiveError(`Error in user declaration '${name}': there is no user but default`);
    }
    const hashes: Buffer[] = [];
    for (const rule of rules) {
      const lower = rule.toLowerCase();
      if (/^#[0-9a-f]{64}$/.test(rule)) hashes.push(Buffer.from(rule.slice(1), 'hex'));
      else if (rule.startsWith('>')) hashes.push(sha256(Buffer.from(rule.slice(1))));
      else if (lower === 'nopass') hashes.length = 0;
      else if (!UNRESTRICTED.has(lower)) {
        throw new DirectiveError(
          `Error in user declaration '${rule}': restrictions are not supported`,
        );
      }
    }
    this.#hashes = hashes;
  }

  /** `requirepass` was given: it takes the place of every password before it. */
  passwordChanged(): void {
    this.#hashes = [];
  }

  /** What CONFIG REWRITE writes after `user`. */
  rules(): string {
    const hashes = this.#allHashes().map((hash) => `#${hash.toString('hex')}`);
    return `default on ${this.hasPassword ? hashes.join(' ') : 'nopass'} ~* &* +@all`;
  }
}
