import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { run as runScale } from '../bench/scale.bench.ts';
import {
  formatFigures,
  medianFigures,
  parseFigures,
  replaceFigures,
  type ScaleFigures,
} from '../bench/scale-figures.ts';
import { scalePlot } from '../bench/scale-plot.ts';
import { run as runSpeed } from '../bench/speed.bench.ts';

let print: MockInstance;
beforeEach(() => {
  print = vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => {
  print.mockRestore();
});

it('the bench of the engine runs', async () => {
  await runSpeed({ quick: true });
  expect(print).toHaveBeenCalled();
});

it('the bench of growth runs, and its cluster goes through all phases', async () => {
  await runScale({ quick: true });
  expect(print.mock.calls.flat().join('\n')).toMatch(
    /forming.*\n.*resting.*\n.*losing.*\n.*returning/,
  );
});

/** Twice as many nodes, twice as long, four times the messages. */
function figuresOf(...sizes: number[]): ScaleFigures {
  return {
    phases: sizes.flatMap((nodes) => {
      const common = {
        nodes,
        lease: 'off',
        messagesPerNode: nodes * nodes,
        kibPerNode: 2.5,
      } as const;
      return [
        { ...common, phase: 'forming', seconds: nodes },
        { ...common, phase: 'resting', seconds: 7.5 },
      ] as const;
    }),
    runs: sizes.map((nodes) => ({
      ...{ nodes, lease: 'off', checked: 'every step', simulatedS: nodes },
      ...{ messages: 3, cpuS: 0.5, peakMib: 100 },
    })),
  };
}

it('figures are read back from the tables in which they stand', () => {
  const figures = figuresOf(10, 100);
  const page = replaceFigures(
    'Before\n\n<!-- figures, written by the bench -->\nold\n<!-- end of the figures -->\n\nAfter\n',
    figures,
  );
  expect(page).toMatch(/^Before\n/);
  expect(page).toMatch(/\nAfter\n$/);
  expect(page).not.toContain('old');
  expect(parseFigures(page)).toEqual(figures);
  expect(replaceFigures(page, figures)).toBe(page);
  expect(() => replaceFigures('Before', figures)).toThrow('lacks');
  expect(() => parseFigures('Before')).toThrow('no table');
  expect(() => parseFigures(page.replace('| 10 | off |', '| 10 |'))).toThrow(
    'cells in | 10 | forming',
  );
});

it('of several runs the median of each figure is told', () => {
  const figures = [1, 9, 2].map((seconds) => {
    const { phases, runs } = figuresOf(10);
    return { phases: phases.map((row) => ({ ...row, seconds })), runs };
  });
  const { phases, runs } = medianFigures(figures);
  expect(phases.map(({ phase, seconds }) => [phase, seconds])).toEqual([
    ['forming', 2],
    ['resting', 2],
  ]);
  expect(runs).toEqual(figuresOf(10).runs);
});

it('the plot has a point for each figure, on logarithmic axes', () => {
  const svg = scalePlot(figuresOf(10, 100, 1000));
  const [forming] = svg.match(/<polyline points="[^"]*"/) ?? [];
  // Ten times as many, ten times as long: a straight line from corner to corner.
  expect(forming).toBe('<polyline points="44,196 164,115 284,34"');
  expect(svg.match(/<circle/g)).toHaveLength(9);
  expect(svg).toMatch(/^<svg [^>]*>\n.*<\/svg>\n$/s);
  expect(() => scalePlot({ phases: [], runs: [] })).toThrow(RangeError);
});

it('the plot of the docs is that of their table', async () => {
  const page = await readFile(new URL('../docs/scale.md', import.meta.url), 'utf8');
  const plot = await readFile(new URL('../docs/scale.svg', import.meta.url), 'utf8');
  const figures = parseFigures(page);
  expect(page).toContain(formatFigures(figures));
  expect(scalePlot(figures)).toBe(plot);
});
