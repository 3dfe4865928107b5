// The figures of growth as an SVG: three panels beside each other, nodes to the right, both axes
// logarithmic. A pure function of the figures, so that a test can tell whether the plot in the docs is
// that of the table.

import type { Phase, PhaseFigures, ScaleFigures } from './scale-figures.ts';

/** A line of a panel: figures of one phase by the number of nodes. */
interface Series {
  readonly name: string;
  readonly phase: Phase;
  readonly lease: 'on' | 'off';
}

interface Panel {
  readonly title: string;
  readonly value: (figures: PhaseFigures) => number;
  readonly series: readonly Series[];
}

const AT_REST: readonly Series[] = [
  { name: 'at rest', phase: 'resting', lease: 'off' },
  { name: 'at rest, lease', phase: 'resting', lease: 'on' },
  { name: 'failing', phase: 'losing', lease: 'off' },
  { name: 'failing, lease', phase: 'losing', lease: 'on' },
];

const PANELS: readonly Panel[] = [
  {
    title: 'seconds until all agree',
    value: ({ seconds }) => seconds,
    series: [
      { name: 'forms', phase: 'forming', lease: 'off' },
      { name: 'knows whom it lost', phase: 'losing', lease: 'off' },
      { name: 'has them back', phase: 'returning', lease: 'off' },
    ],
  },
  {
    title: 'messages of a node per second',
    value: ({ messagesPerNode, seconds }) => messagesPerNode / seconds,
    series: AT_REST,
  },
  {
    title: 'KiB of a node per second',
    value: ({ kibPerNode, seconds }) => kibPerNode / seconds,
    series: AT_REST,
  },
];

const COLORS = ['#0b6e99', '#c2410c', '#4d7c0f', '#7e22ce'];
const PANEL_WIDTH = 300;
const HEIGHT = 300;
/** Where the lines of a panel lie. */
const LEFT = 44;
const RIGHT = 284;
const TOP = 34;
const BOTTOM = 196;
const LEGEND_TOP = 236;

/** Draws the panels. Throws a RangeError where there is nothing to draw. */
export function scalePlot({ phases }: ScaleFigures): string {
  if (phases.length === 0) throw new RangeError('no figures to plot');
  const panels = PANELS.map((panel, i) => drawPanel(panel, phases, i * PANEL_WIDTH));
  const size = `width="${PANELS.length * PANEL_WIDTH}" height="${HEIGHT}"`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">`,
    '<title>How a cluster grows</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...panels.flat(),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

/** From a value to its place, logarithmically. */
type Scale = (value: number) => number;

function drawPanel(panel: Panel, phases: readonly PhaseFigures[], offset: number): string[] {
  const lines = panel.series.map(({ phase, lease }) =>
    phases
      .filter((row) => row.phase === phase && row.lease === lease)
      .map((row): [number, number] => [row.nodes, panel.value(row)])
      .filter(([, value]) => value > 0),
  );
  const points = lines.flat();
  const columns = decades(points.map(([nodes]) => nodes));
  const rows = decades(points.map(([, value]) => value));
  const x = scale(columns, LEFT, RIGHT);
  const y = scale(rows, BOTTOM, TOP);
  return [
    `<g transform="translate(${offset} 0)">`,
    `<text x="${LEFT}" y="18" font-size="13">${panel.title}</text>`,
    ...columns.map((nodes) => verticalRule(x(nodes), nodes)),
    ...rows.map((value) => horizontalRule(y(value), value)),
    `<text x="${RIGHT}" y="${BOTTOM + 30}" text-anchor="end">nodes</text>`,
    ...lines.flatMap((line, i) => drawLine(line, COLORS[i], x, y)),
    ...panel.series.flatMap(({ name }, i) => drawName(name, i)),
    '</g>',
  ];
}

function drawLine(
  points: readonly (readonly [number, number])[],
  color: string,
  x: Scale,
  y: Scale,
): string[] {
  const places = points.map(([nodes, value]) => [tenths(x(nodes)), tenths(y(value))]);
  const path = places.map(([left, top]) => `${left},${top}`).join(' ');
  return [
    `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
    ...places.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="2.5" fill="${color}"/>`),
  ];
}

/** What a line is, below the panel, two beside each other. */
function drawName(name: string, i: number): string[] {
  const left = LEFT + (i % 2) * 124;
  const top = LEGEND_TOP + (i >> 1) * 18;
  return [
    `<rect x="${left}" y="${top}" width="10" height="10" fill="${COLORS[i]}"/>`,
    `<text x="${left + 15}" y="${top + 9}">${name}</text>`,
  ];
}

function verticalRule(x: number, nodes: number): string {
  const left = tenths(x);
  return (
    `<path d="M${left} ${TOP}V${BOTTOM}" stroke="#ddd"/>` +
    `<text x="${left}" y="${BOTTOM + 15}" text-anchor="middle">${nodes}</text>`
  );
}

function horizontalRule(y: number, value: number): string {
  const top = tenths(y);
  return (
    `<path d="M${LEFT} ${top}H${RIGHT}" stroke="#ddd"/>` +
    `<text x="${LEFT - 5}" y="${tenths(y + 4)}" text-anchor="end">${value}</text>`
  );
}

/** The powers of ten around values above 0, at least two of them. */
function decades(values: readonly number[]): number[] {
  if (values.length === 0) return [1, 10];
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
}

function scale(marks: readonly number[], start: number, end: number): Scale {
  const low = Math.log10(marks[0]);
  const high = Math.log10(marks[marks.length - 1]);
  return (value) => start + ((Math.log10(value) - low) / (high - low)) * (end - start);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
