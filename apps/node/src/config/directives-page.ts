// The page that lists every directive: made from the table, so that it cannot say anything else. A test compares the
// page in docs/ with it; with UPDATE_DOCS=1 it writes the page.

import type { Directive } from './directive.ts';
import { DIRECTIVES, RETIRED_DIRECTIVES } from './table/index.ts';

/** Directives that take one value only, or that CONFIG SET changes elsewhere and not here, and why. */
const DIFFERENCES: readonly (readonly [what: string, why: string])[] = [
  ['`port`, `bind`', 'given at the start only: CONFIG SET refuses them.'],
  [
    '`tls-port`, `tls-cluster`, `tls-replication`',
    'only their standard values: there is no TLS yet.',
  ],
  ['`daemonize yes`', 'refused: the process that is started is the server.'],
  [
    '`aclfile`, `user`',
    'refused, but for the line about `default` that redis-server itself writes.',
  ],
  [
    '`rename-command`, `loadmodule`',
    'refused: a rule that is not enforced must not look as if it were.',
  ],
  [
    '`repl-diskless-load swapdb`',
    'as `disabled`: the old data stay until the new are in a file, and go before it is loaded.',
  ],
  ['`dir`', 'the process stays where it was started; all other paths are taken from `dir`.'],
  [
    '`cluster-write-lease`',
    'ours alone. `no`: a primary that is cut off takes writes for as long as redis-server does, and voters vote as it does.',
  ],
  [
    '`slotmesh-stall-guard`',
    'ours alone. `no`: a process that stood still for a while goes on with the lease that it had before.',
  ],
  [
    '`slotmesh-recovery-silence`',
    'ours alone. `no`: a primary with replicas that starts without its data comes back at once, empty, and its replicas become empty too.',
  ],
  ['`slotmesh-election-strategy`', 'ours alone: how long replicas wait before they ask for votes.'],
  [
    '`slotmesh-writable-delay-ms`, `slotmesh-rejoin-delay-min-ms`, `slotmesh-rejoin-delay-max-ms`',
    'ours alone: what is fixed in redis-server.',
  ],
  ['`cluster-manual-failover-timeout`', 'as in Valkey 9; fixed in redis-server.'],
];

/** The page, as Markdown. */
export function directivesPage(): string {
  const isOurs = ({ used }: Directive) => used;
  const used = DIRECTIVES.filter(isOurs);
  const accepted = DIRECTIVES.filter((directive) => !isOurs(directive));
  return `# Directives

All directives of redis-server 7.0 and of Valkey up to 8.1 are known, in files, on the command line, and to CONFIG GET, SET
and REWRITE, with the originals' standard values and words of refusal. Anything else ends the start with the line that has it.

## What differs

${DIFFERENCES.map(([what, why]) => `- ${what}: ${why}`).join('\n')}

## Used

| directive | standard value | CONFIG SET |
|---|---|---|
${used.map(row).join('\n')}

## Accepted, without a meaning here

They are kept and told, so that files and tools work as they are.

${accepted.map(({ name, alias }) => `- ${both(name, alias)}`).join('\n')}

## Read and forgotten

Directives of older servers: ${[...RETIRED_DIRECTIVES].map((name) => `\`${name}\``).join(', ')}.
`;
}

function both(name: string, alias: string | null): string {
  return alias === null ? `\`${name}\`` : `\`${name}\` (\`${alias}\`)`;
}

function row({ name, alias, standard, fixed, guarded }: Directive): string {
  const shown =
    name === 'dir' ? 'where it was started' : standard === '' ? '(none)' : `\`${standard}\``;
  const set = fixed ? 'no' : guarded ? 'with `enable-protected-configs`' : 'yes';
  return `| ${both(name, alias)} | ${shown} | ${set} |`;
}
