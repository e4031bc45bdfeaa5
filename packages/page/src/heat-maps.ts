import { dash, type PublishedCount } from '@basketwise/data/published';
import * as Plot from '@observablehq/plot';
import { drawPlot, secondColour, shorten } from './drawing.ts';
import { formatNumber, type Html } from './html.ts';

/** One cell of a heat map. A null value is a number too small to publish. */
export interface HeatCell {
  x: string;
  y: string;
  value: PublishedCount;
}

/** Draws a heat map: one cell per pair of labels, darker for larger numbers. */
export function heatMap(title: string, axes: { x: string; y: string }, cells: readonly HeatCell[]): Html {
  const columns = [...new Set(cells.map((cell) => cell.x))];
  const rows = [...new Set(cells.map((cell) => cell.y))];
  // Long adjacent labels would overlap.
  const slanted = columns.length * Math.max(...columns.map((column) => shorten(column).length)) > 60;
  const largest = Math.max(1, ...cells.map((cell) => cell.value ?? 0));
  return drawPlot(title, {
    marginLeft: 160,
    marginBottom: slanted ? 96 : 44,
    height: (slanted ? 112 : 60) + rows.length * 30,
    x: { label: axes.x, domain: columns, tickFormat: shorten, ...(slanted && { tickRotate: -35, labelOffset: 90 }) },
    y: { label: axes.y, domain: rows, tickFormat: shorten },
    color: { type: 'sqrt', scheme: 'blues', domain: [0, largest * 1.6] },
    marks: [
      Plot.cell(
        cells.filter((cell) => cell.value !== null),
        { x: 'x', y: 'y', fill: 'value', inset: 0.5 },
      ),
      Plot.text(cells, {
        x: 'x',
        y: 'y',
        text: (cell: HeatCell) => (cell.value === null ? dash : formatNumber(cell.value)),
        fill: (cell: HeatCell) => (cell.value === null ? 'currentColor' : cell.value > largest / 2 ? 'white' : 'black'),
      }),
    ],
  });
}

/**
 * Draws a heat map of scores that are close together. Colours range from the lowest to the highest score, and the best cell has a
 * frame.
 */
export function scoreMap(
  title: string,
  axes: { x: string; y: string },
  cells: readonly { x: string; y: string; value: number }[],
): Html {
  const [low, high] = [Math.min(...cells.map((cell) => cell.value)), Math.max(...cells.map((cell) => cell.value))];
  const range = Math.max(high - low, 1e-9);
  const rows = [...new Set(cells.map((cell) => cell.y))];
  return drawPlot(title, {
    marginLeft: 160,
    height: 60 + rows.length * 30,
    x: { label: axes.x, domain: [...new Set(cells.map((cell) => cell.x))], tickFormat: shorten },
    y: { label: axes.y, domain: rows, tickFormat: shorten },
    color: { type: 'linear', scheme: 'blues', domain: [low - range * 0.2, high + range * 0.6] },
    marks: [
      Plot.cell(cells, { x: 'x', y: 'y', fill: 'value', inset: 0.5 }),
      Plot.cell(
        cells.filter((cell) => cell.value === high),
        { x: 'x', y: 'y', stroke: secondColour, strokeWidth: 3, inset: 1 },
      ),
      Plot.text(cells, {
        x: 'x',
        y: 'y',
        text: (cell: { value: number }) => cell.value.toFixed(4),
        fill: (cell: { value: number }) => (cell.value > low + range / 2 ? 'white' : 'black'),
      }),
    ],
  });
}
