// The page about the language, made from the table of its commands: so it says what the parser takes.

import { CHAPTERS } from './commands/index.ts';
import { WORLD_SETTINGS } from './commands/setup.ts';
import { CONDITIONS } from './conditions.ts';
import { FORGED_FIELDS } from './forge.ts';
import { PATCHES } from './patch.ts';
import { EVENT_KINDS } from './told.ts';

const INTRODUCTION = `# Scripts

A script tells a piece of protocol behaviour: comments say what the story is, commands make it happen on the simulator's own engine, and below a line of dashes stands what the nodes then tell. The scripts are in \`packages/simulator/scripts\`, those of known failures named by their number in the catalogue (\`s26-lost-meet.txt\`); a test runs them all, and every invariant looks at every step.

\`\`\`text
# Three primaries. C dies: A and B suspect it, tell each other, and agree.
cluster 3
kill C
wait until A B see C fail
----
A B       fail        C
A B       state       fail
\`\`\`

- **Blocks** are divided by blank lines: comments (\`#\`), commands, a line of dashes (\`----\`), the expected lines. The next block goes on in the same world.
- **Nodes** are A, B, C ... Z, AA ... in the order in which they were made. Their ids sort as their names do: where ids decide, A is the smallest. A node that gets another id is A' in what others say.
- **Lists of nodes**: \`A\`, \`A C-E\`, \`all\`. **Links**: \`A>B\` is one way, \`A<>B\` both; \`A,B<>C-E\`, \`A<>others\`. **Times**: \`250ms\`, \`3s\`, \`2min\`, \`1h\`, \`1d\`, and in node timeouts \`1.5NT\`. **Slots**: \`0-99 200\`. **Numbers**: \`7\`, \`2^53\`.
- **What is told** stands in columns: who, what, about whom. Of each kind of event there is one line for each group of nodes that say the same, in the order of the table below, whatever came first, and without times: which node noticed first hangs on random numbers, and a script must not. Where order matters, wait in between.
- **\`for N in 1-20\`** (or \`0-1000 step 50\`, or words, or several words each: \`ping A>B | pong B>A\`) as the first command of a block plays the rest of the block for each value, \`$N\` in its commands being the value, each time in a new world; values that told the same stand together.
- **\`SLOTMESH_REWRITE=1 npx vitest run packages/simulator/test/script\`** writes what is told now below the dashes. Read the difference. What \`expect\` and \`wait until\` say cannot be rewritten.`;

/** All of it, as Markdown. */
export function commandsPage(): string {
  const chapters = CHAPTERS.map(({ title, commands }) => {
    const parts = commands.map(({ name, usage, summary, example }) => {
      return `### ${name}\n\n\`${name} ${usage}\`\n\n${summary}\n\n\`\`\`text\n${example}\n\`\`\``;
    });
    return [`## ${title}`, ...parts].join('\n\n');
  });
  const settings = [...WORLD_SETTINGS].map(([name, { title }]) => [`\`${name}\``, title] as const);
  const tables = [
    section('Settings of a world', ['setting', 'what for, and the default'], settings),
    section('Conditions', ['condition', 'what it means'], CONDITIONS.map(code)),
    section(
      'Events',
      ['kind', 'what it is'],
      EVENT_KINDS.map(({ name, title, byDefault }) => {
        return [`\`${name}\``, byDefault ? title : `${title} (told where asked for)`] as const;
      }),
    ),
    section('Fields of a forged message', ['field', 'what it is'], [...FORGED_FIELDS].map(code)),
    section('Changes to bytes', ['patch', 'what it does'], PATCHES.map(code)),
  ];
  return `${[INTRODUCTION, ...chapters, ...tables].join('\n\n')}\n`;
}

type Row = readonly [string, string];

function code([name, meaning]: Row): Row {
  return [`\`${name}\``, meaning];
}

function section(title: string, head: Row, rows: readonly Row[]): string {
  const lines = [head, ['---', '---'] as const, ...rows].map((cells) => {
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `## ${title}\n\n${lines.join('\n')}`;
}
