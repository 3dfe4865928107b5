// The configuration of one node: the values of all directives, who wants to hear of changes, and CONFIG SET's rule that
// all of its pairs are set or none.

import type { ConfigSetOutcome } from '@slotmesh/commands';
import { splitArguments } from './arguments.ts';
import { DefaultUser } from './default-user.ts';
import { type Directive, DirectiveError } from './directive.ts';
import { DIRECTIVES, findDirective } from './table/index.ts';

/** Carries a change out; gives what stood in the way, or null. It is called again with the old values after a failure. */
export type Apply = () => string | null;

/** Where several words are wanted they may come as one, as a shell hands over what stood in quotes. */
function unpacked(words: readonly string[]): readonly string[] {
  if (words.length !== 1 || words[0] === '') return words;
  const args = splitArguments(words[0]);
  if (args === null) throw new DirectiveError('Unbalanced quotes in configuration line');
  return args;
}

export class Config {
  readonly #values = new Map<string, string>();
  readonly #given = new Set<string>();
  readonly #appliers = new Map<string, Apply[]>();
  /** Who may log in, as `requirepass` and a `user default` line say. */
  readonly defaultUser: DefaultUser = new DefaultUser(() => this.text('requirepass'));

  constructor() {
    for (const directive of DIRECTIVES) this.#values.set(directive.name, directive.standard);
  }

  // ---- reading -------------------------------------------------------------------------------------------------

  /** The value as CONFIG GET prints it, by the directive's main name. */
  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`no directive ${name}`);
    return value;
  }

  isOn(name: string): boolean {
    return this.text(name) === 'yes';
  }

  /** Whole numbers and sizes; above 2^53 the nearest number. */
  number(name: string): number {
    return Number(this.text(name));
  }

  /** Space-separated values. */
  words(name: string): string[] {
    const value = this.text(name);
    return value === '' ? [] : value.split(' ');
  }

  /** Every directive with its value, aliases included, hidden ones left out, in the table's order. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (const { name, alias, hidden } of DIRECTIVES) {
      if (hidden) continue;
      yield [name, this.text(name)];
      if (alias !== null) yield [alias, this.text(name)];
    }
  }

  // ---- setting -------------------------------------------------------------------------------------------------

  /** Sets a directive from a file or the command line. Throws {@link DirectiveError}. */
  load(directive: Directive, words: readonly string[]): void {
    const args = directive.kind.takesMany ? unpacked(words) : words;
    if (!directive.kind.takesMany && args.length !== 1) {
      throw new DirectiveError('wrong number of arguments');
    }
    const first = !this.#given.has(directive.name);
    this.#given.add(directive.name);
    this.#store(directive, directive.kind.parse(args, this.text(directive.name), { first }));
    if (directive.name === 'requirepass') this.defaultUser.passwordChanged();
  }

  /** Has `apply` called after each of these changed by {@link set}. */
  onChange(names: readonly string[], apply: Apply): void {
    for (const name of names) {
      const appliers = this.#appliers.get(name);
      if (appliers === undefined) this.#appliers.set(name, [apply]);
      else appliers.push(apply);
    }
  }

  /** What a command has decided: CONFIG GET shows it and CONFIG REWRITE writes it. `value` as {@link text} gives it. */
  note(name: string, value: string): void {
    if (!this.#values.has(name)) throw new Error(`no directive ${name}`);
    this.#values.set(name, value);
  }

  /** CONFIG SET: all pairs or none. */
  set(pairs: readonly (readonly [name: string, value: string])[]): ConfigSetOutcome {
    const found: Directive[] = [];
    // A name and its alias may come together, the same name twice may not.
    const names: string[] = [];
    for (const [name] of pairs) {
      const directive = findDirective(name);
      if (directive === undefined) return { kind: 'unknown', name };
      const refusal = this.#refusal(directive);
      if (refusal !== null) return { kind: 'failed', name, reason: refusal };
      if (names.includes(name.toLowerCase())) {
        return { kind: 'failed', name, reason: 'duplicate parameter' };
      }
      names.push(name.toLowerCase());
      found.push(directive);
    }
    const before = found.map(({ name }) => this.text(name));
    const restore = () => {
      for (const [i, directive] of found.entries()) this.#store(directive, before[i]);
    };
    for (const [i, directive] of found.entries()) {
      try {
        this.#store(directive, this.#parse(directive, pairs[i][1]));
      } catch (error) {
        if (!(error instanceof DirectiveError)) throw error;
        restore();
        return { kind: 'failed', name: names[i], reason: error.message };
      }
    }
    return this.#applyAll(found, names, before, restore);
  }

  #refusal(directive: Directive): string | null {
    if (directive.fixed) return "can't set immutable config";
    const guarded = directive.guarded && this.text('enable-protected-configs') !== 'yes';
    return guarded ? "can't set protected config" : null;
  }

  #parse(directive: Directive, value: string): string {
    const words = value === '' ? [] : value.split(' ');
    const args = directive.kind.takesMany ? words : [value];
    return directive.kind.parse(args, this.text(directive.name), null);
  }

  #applyAll(
    directives: readonly Directive[],
    names: readonly string[],
    before: readonly string[],
    restore: () => void,
  ): ConfigSetOutcome {
    if (names.includes('requirepass')) this.defaultUser.passwordChanged();
    const done = new Set<Apply>();
    for (const [i, directive] of directives.entries()) {
      if (this.text(directive.name) === before[i]) continue;
      for (const apply of this.#appliers.get(directive.name) ?? []) {
        if (done.has(apply)) continue;
        done.add(apply);
        const reason = apply();
        if (reason === null) continue;
        restore();
        for (const again of done) again();
        return { kind: 'failed', name: names[i], reason };
      }
    }
    return { kind: 'ok' };
  }

  #store(directive: Directive, value: string): void {
    this.#values.set(directive.name, value);
  }
}
