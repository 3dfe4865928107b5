// Reads a whole file. Before anything is believed, the checksum is looked at, if there is one: our own files have it,
// those of Redis and Valkey do not. Format: nodes.conf of Redis 3.0 to 8 and Valkey 7.2 to 9.

import { checkNodes } from './check.ts';
import { crc64 } from './crc64.ts';
import { NodesConfError } from './errors.ts';
import { quote, readVarsLabels } from './labels.ts';
import { parseNodeLine } from './node-line.ts';
import {
  NODES_CONF_BYTES_MAX,
  type NodeDraft,
  type NodesConf,
  parseDecimal,
} from './nodes-conf.ts';

/** Names of pairs on the `vars` line; those that only we know are skipped by other servers. */
export const VARS = {
  currentEpoch: 'currentEpoch',
  lastVoteEpoch: 'lastVoteEpoch',
  labels: 'slotmesh-nodes',
  checksum: 'crc64',
} as const;

/** What ends a checksummed file: the pair, then nothing but the line feed. */
const CHECKSUM = /^ crc64 ([0-9a-f]{16})\n$/;
const CHECKSUM_LENGTH = ' crc64 0123456789abcdef\n'.length;
/** Control characters but line feed, tabulator and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
/** What no file can hold: it has no form in UTF-8. */
const HALF = /\p{Surrogate}/u;

/**
 * The content of a nodes.conf file, as text or as its bytes. Throws {@link NodesConfError} where the file is cut,
 * altered or not what any server writes; nothing is repaired or guessed. Time and memory grow with the file's length.
 */
export function parseNodesConf(input: string | Uint8Array): NodesConf {
  const text = textOf(input);
  const nodes: NodeDraft[] = [];
  const lines: number[] = [];
  let vars: { fields: readonly string[]; line: number } | null = null;
  for (const { fields, line } of linesOf(text)) {
    if (vars !== null) {
      throw new NodesConfError('VARS_NOT_LAST', line, 'the vars line must be the last one');
    }
    if (fields[0] === 'vars') {
      vars = { fields, line };
      continue;
    }
    const node = parseNodeLine(fields, line);
    if (node === null) continue;
    nodes.push(node);
    lines.push(line);
  }
  if (vars === null)
    throw new NodesConfError('NO_VARS', 0, 'there is no vars line: the file is cut');
  checkNodes(nodes, (index) => lines[index]);
  return {
    nodes,
    ...readVars(vars.fields, vars.line, nodes, CHECKSUM.test(text.slice(-CHECKSUM_LENGTH))),
  };
}

function textOf(input: string | Uint8Array): string {
  if (input.length > NODES_CONF_BYTES_MAX) {
    throw new NodesConfError('TOO_LARGE', 0, `more than ${NODES_CONF_BYTES_MAX} bytes`);
  }
  const text = typeof input === 'string' ? input : decode(input);
  if (text.trim() === '') throw new NodesConfError('EMPTY', 0, 'the file is empty');
  if (!text.endsWith('\n')) {
    throw new NodesConfError('CUT_LINE', 0, 'the last line does not end: the file is cut');
  }
  if (HALF.test(text)) {
    throw new NodesConfError('NOT_TEXT', 0, 'there is half of a surrogate pair in the text');
  }
  checkChecksum(text);
  if (CONTROL.test(text)) {
    throw new NodesConfError('NOT_TEXT', 0, 'there are control characters in the file');
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NodesConfError('NOT_TEXT', 0, 'the file is not UTF-8 text');
  }
}

/** The checksum is that of all bytes but its own digits. */
function checkChecksum(text: string): void {
  const found = CHECKSUM.exec(text.slice(-CHECKSUM_LENGTH));
  if (found === null) return;
  const actual = crc64OfFile(text.slice(0, -(found[1].length + 1)));
  if (actual === found[1]) return;
  throw new NodesConfError(
    'CHECKSUM_MISMATCH',
    0,
    `the content has the checksum ${actual} and should have ${found[1]}: the file was altered`,
  );
}

/** The checksum of a file that goes on, after `head`, with these 16 digits and a line feed. */
export function crc64OfFile(head: string): string {
  return crc64(new TextEncoder().encode(`${head}\n`));
}

/** The lines that are not blank, in fields; blank ones are left by servers that shorten a file in place. */
function* linesOf(text: string): Generator<{ fields: string[]; line: number }> {
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const end = text.indexOf('\n', start);
    const fields = text
      .slice(start, end)
      .split(/[ \t\r]/)
      .filter((field) => field !== '');
    if (fields.length > 0) yield { fields, line };
    start = end + 1;
  }
}

function readVars(
  fields: readonly string[],
  line: number,
  nodes: readonly NodeDraft[],
  isChecksummed: boolean,
): Omit<NodesConf, 'nodes'> {
  const vars = pairsOf(fields, line);
  const labels = vars.get(VARS.labels);
  if ((labels !== undefined || vars.has(VARS.checksum)) && !isChecksummed) {
    throw new NodesConfError('BAD_CHECKSUM', line, 'the checksum is missing or not 16 digits');
  }
  if (labels !== undefined) {
    readVarsLabels(new Map(nodes.map((node) => [node.id, node])), labels, line);
  }
  const currentEpoch = readEpoch(vars, VARS.currentEpoch, line);
  if (currentEpoch === null) {
    throw new NodesConfError('BAD_VARS', line, 'the vars line does not tell the current epoch');
  }
  return { currentEpoch, lastVoteEpoch: readEpoch(vars, VARS.lastVoteEpoch, line) };
}

function pairsOf(fields: readonly string[], line: number): Map<string, string> {
  const vars = new Map<string, string>();
  if (fields.length % 2 === 0) {
    throw new NodesConfError('BAD_VARS', line, 'the last name of the vars line has no value');
  }
  for (let i = 1; i < fields.length; i += 2) {
    if (vars.has(fields[i])) {
      throw new NodesConfError('BAD_VARS', line, `${quote(fields[i])} is in the vars line twice`);
    }
    vars.set(fields[i], fields[i + 1]);
  }
  return vars;
}

function readEpoch(vars: ReadonlyMap<string, string>, name: string, line: number): number | null {
  const text = vars.get(name);
  if (text === undefined) return null;
  const epoch = parseDecimal(text);
  if (!Number.isNaN(epoch)) return epoch;
  throw new NodesConfError(
    'BAD_NUMBER',
    line,
    `${name} is ${quote(text)} and not a whole number up to 2^53 - 1`,
  );
}
