// What the bench of growth finds, and how it is told: the tables of docs/scale.md, which can be read
// back, so that the plot beside them is made of the same figures.

import { median } from '../../../scripts/bench-kit.ts';

/** The phases of a cluster's life, in their order. */
export const PHASES = ['forming', 'resting', 'losing', 'returning'] as const;
export type Phase = (typeof PHASES)[number];

/** A cluster that is measured. */
export interface ScaleCase {
  readonly nodes: number;
  /** Whether nodes keep a write lease, for which each pings all others. */
  readonly lease: 'on' | 'off';
}

/** What one phase took. */
export interface PhaseFigures extends ScaleCase {
  readonly phase: Phase;
  /** Virtual time. */
  readonly seconds: number;
  /** Messages of the bus that left, by the number of nodes, those that are lost included. */
  readonly messagesPerNode: number;
  /** Their bytes on the wire, by the same number. */
  readonly kibPerNode: number;
}

/** What a whole run took. */
export interface RunFigures extends ScaleCase {
  /** When invariants were asked: all at every step, or those of some tables after every phase. */
  readonly checked: 'every step' | 'every phase';
  /** Virtual time. */
  readonly simulatedS: number;
  readonly messages: number;
  readonly cpuS: number;
  /** The most memory that the process had resident. */
  readonly peakMib: number;
}

export interface ScaleFigures {
  readonly phases: readonly PhaseFigures[];
  readonly runs: readonly RunFigures[];
}

/** The medians, figure by figure, of runs of one case. */
export function medianFigures(all: readonly ScaleFigures[]): ScaleFigures {
  const [{ phases, runs }] = all;
  return {
    phases: phases.map((_, i) => medianRow(all.map((figures) => figures.phases[i]))),
    runs: runs.map((_, i) => medianRow(all.map((figures) => figures.runs[i]))),
  };
}

function medianRow<Row extends object>(rows: readonly Row[]): Row {
  const fields = Object.entries(rows[0]).map(([field, value]) => {
    if (typeof value !== 'number') return [field, value];
    return [field, median(rows.map((row) => (row as Record<string, number>)[field]))];
  });
  return Object.fromEntries(fields) as Row;
}

/** A column: its heading, and the field that it shows. */
type Columns<Row> = readonly (readonly [heading: string, field: keyof Row & string])[];

const PHASE_COLUMNS: Columns<PhaseFigures> = [
  ['nodes', 'nodes'],
  ['lease', 'lease'],
  ['phase', 'phase'],
  ['virtual s', 'seconds'],
  ['messages per node', 'messagesPerNode'],
  ['KiB per node', 'kibPerNode'],
];

const RUN_COLUMNS: Columns<RunFigures> = [
  ['nodes', 'nodes'],
  ['lease', 'lease'],
  ['checked', 'checked'],
  ['virtual s', 'simulatedS'],
  ['messages', 'messages'],
  ['CPU s', 'cpuS'],
  ['peak MiB', 'peakMib'],
];

/** Both tables, as Markdown. */
export function formatFigures({ phases, runs }: ScaleFigures): string {
  return `${formatTable(PHASE_COLUMNS, phases)}\n\n${formatTable(RUN_COLUMNS, runs)}`;
}

function formatTable<Row extends object>(columns: Columns<Row>, rows: readonly Row[]): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  const rules = columns.map(([, field]) =>
    rows.every((row) => typeof row[field] === 'number') ? '---:' : '---',
  );
  const cells = rows.map((row) => columns.map(([, field]) => row[field]));
  return [columns.map(([heading]) => heading), rules, ...cells].map(line).join('\n');
}

/** The figures of a page that has both tables. Throws an Error where it has not. */
export function parseFigures(page: string): ScaleFigures {
  return {
    phases: parseTable<PhaseFigures>(PHASE_COLUMNS, page),
    runs: parseTable<RunFigures>(RUN_COLUMNS, page),
  };
}

function parseTable<Row>(columns: Columns<Row>, page: string): Row[] {
  const lines = page.split('\n');
  const heading = `| ${columns.map(([name]) => name).join(' | ')} |`;
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`no table ${heading}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end === -1 ? rows.length : end).map((line) => {
    const cells = line.slice(2, -2).split(' | ');
    if (cells.length !== columns.length) throw new Error(`${cells.length} cells in ${line}`);
    return Object.fromEntries(columns.map(([, field], i) => [field, figureOf(cells[i])])) as Row;
  });
}

function figureOf(cell: string): string | number {
  return /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

const BEGIN = '<!-- figures, written by the bench -->';
const END = '<!-- end of the figures -->';

/** The page with these figures in place of its own. Throws an Error if it has no place for them. */
export function replaceFigures(page: string, figures: ScaleFigures): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the page lacks '${BEGIN}' or '${END}'`);
  return `${page.slice(0, start)}${BEGIN}\n\n${formatFigures(figures)}\n\n${page.slice(end)}`;
}
