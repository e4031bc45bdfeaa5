import { dash, type PublishedCount } from '@basketwise/data/base';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom/worker';
import { formatNumber, Html, html } from './html.ts';
import { shortened } from './text-table.ts';

/** One bar of a chart. A null value is a number too small to publish, drawn as a dash. */
export interface Bar {
  label: string;
  value: PublishedCount;
}

/** An estimate with its interval, drawn as one row of a chart. */
export interface Estimate {
  label: string;
  /** Point estimate. Null: it is not published, and only the interval is drawn. */
  mean: number | null;
  low: number;
  high: number;
}

/** One point of a line chart. */
export interface Point {
  x: number;
  y: number;
}

/** Small square of a colour, for a legend. */
const key = (color: string): Html => html`<i class="key" style="background:${color}"></i>`;

/** Draws horizontal bars in the order given, with their values. */
export function barChart(title: string, unit: string, bars: readonly Bar[], domain?: readonly [number, number]): Html {
  const { rows, axis } = labelled(bars);
  return drawPlot(title, {
    marginLeft: 200,
    height: 50 + rows.length * 22,
    x: { label: unit, grid: true, ...(domain ? { domain } : { nice: true }) },
    y: { ...axis, tickSize: 0 },
    marks: [
      Plot.barX(
        rows.filter((row) => row.value !== null),
        { x: 'value', y: 'key', fill: accent },
      ),
      Plot.text(
        rows.filter((row) => row.value === null),
        { x: () => 0, y: 'key', text: () => dash, dx: 6 },
      ),
      Plot.ruleX([0]),
    ],
  });
}

/** Draws estimates as rows in the order given. Each has a dot for the estimate, and a line for its interval. */
export function intervalChart(title: string, unit: string, estimates: readonly Estimate[]): Html {
  const { rows, axis } = labelled(estimates);
  return drawPlot(title, {
    marginLeft: 200,
    height: 50 + rows.length * 22,
    x: { label: unit, grid: true, nice: true },
    y: { ...axis, type: 'point', tickSize: 0 },
    marks: [
      Plot.ruleY(rows, { x1: 'low', x2: 'high', y: 'key', stroke: accent, strokeWidth: 2 }),
      Plot.dot(rows, { x: 'mean', y: 'key', fill: accent, r: 4 }),
    ],
  });
}

/** Draws two bars for each label, one above the other, for example held and recommended. */
export function pairedBarChart(
  title: string,
  unit: string,
  names: readonly [string, string],
  pairs: readonly { label: string; values: readonly [number, number] }[],
): Html {
  const { rows, axis } = labelled(pairs);
  const bars = rows.flatMap(({ key, values }) => values.map((value, j) => ({ key, value, name: names[j]! })));
  const legend = html` <small>${key(accent)} ${names[0]} ${key(secondColour)} ${names[1]}</small>`;
  const options: Plot.PlotOptions = {
    marginLeft: 200,
    height: 70 + pairs.length * 34,
    x: { label: unit, grid: true, nice: true },
    y: { axis: null, domain: [...names] },
    fy: { ...axis, axis: 'left' },
    color: { domain: [...names], range: [accent, secondColour], legend: false },
    marks: [Plot.barX(bars, { x: 'value', y: 'name', fy: 'key', fill: 'name' }), Plot.ruleX([0])],
  };
  return drawPlot(title, options, legend);
}

interface Bin {
  from: number;
  to: number;
  count: PublishedCount;
}

/** Draws a histogram from bins with their counts. */
export function histogram(title: string, axes: { x: string; y: string }, bins: readonly Bin[]): Html {
  return drawPlot(title, {
    height: 220,
    marginLeft: 70,
    x: { label: axes.x, nice: true },
    y: { label: axes.y, grid: true },
    marks: [
      Plot.rectY(
        bins.filter((bin) => bin.count !== null),
        { x1: 'from', x2: 'to', y: 'count', fill: accent, inset: 0.5 },
      ),
      Plot.text(
        bins.filter((bin) => bin.count === null),
        { x: (bin: Bin) => (bin.from + bin.to) / 2, y: () => 0, text: () => dash, dy: -6 },
      ),
      Plot.ruleY([0]),
    ],
  });
}

/** Draws a line through points. Each x in `marked` gets a vertical rule with a label. */
export function lineChart(
  title: string,
  axes: { x: string; y: string },
  points: readonly Point[],
  marked?: { x: number; label: string },
): Html {
  return drawPlot(title, {
    height: 260,
    marginLeft: 80,
    x: { label: axes.x, ticks: points.length < 16 ? points.map((point) => point.x) : 10, tickFormat: 'd' },
    y: { label: axes.y, grid: true, nice: true },
    marks: [
      Plot.lineY(points, { x: 'x', y: 'y', stroke: accent }),
      Plot.dot(points, { x: 'x', y: 'y', fill: accent }),
      ...(marked
        ? [
            Plot.ruleX([marked.x], { stroke: secondColour, strokeDasharray: '4 3' }),
            Plot.text([marked], { x: 'x', frameAnchor: 'top', text: 'label', dx: 4, textAnchor: 'start' }),
          ]
        : []),
    ],
  });
}

/** Value of a figure in one run. Null: unknown in this run. */
export interface RunValue {
  date: string;
  value: number | null;
}

/** Draws a small line chart of one figure over successive runs. */
export function runChart(title: string, runs: readonly RunValue[]): Html {
  const known = runs.flatMap(({ date, value }) => (value === null ? [] : [{ date: new Date(`${date}T00:00:00Z`), value }]));
  if (known.length === 0)
    return html`<figure><figcaption>${title}</figcaption><p class="note">Not known for any run.</p></figure>`;
  const days = new Set(known.map(({ date }) => date.getTime())).size;
  return drawPlot(title, {
    ...{ width: 320, height: 150, marginLeft: 76 },
    x: { type: 'utc', label: null, ticks: Math.min(4, days), nice: days > 1 },
    y: {
      label: null,
      grid: true,
      nice: true,
      zero: true,
      ticks: 4,
      ...(known.every(({ value }) => value === 0) && { domain: [0, 1] }),
    },
    marks: [
      Plot.lineY(known, { x: 'date', y: 'value', stroke: accent }),
      Plot.dot(known, { x: 'date', y: 'value', fill: accent, r: 3 }),
      Plot.ruleY([0]),
    ],
  });
}

/** A whole with its label and the sizes of its parts. */
export interface ChartParts {
  label: string;
  parts: readonly { name: string; value: PublishedCount }[];
}

/** Draws each whole as one bar, divided into its parts in the order given. The first part has the colour of success. */
export function partsChart(title: string, unit: string, wholes: readonly ChartParts[]): Html {
  const names = [...new Set(wholes.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const others = ['#c98a2b', '#8a6bb1', '#b5534c', '#5b8f5a', '#8c8c8c'];
  const range = names.map((_, i) => (i === 0 ? accent : others[(i - 1) % others.length]!));
  const { rows, axis } = labelled(wholes);
  const bars = rows.flatMap(({ key, parts }) => parts.map(({ name, value }) => ({ key, name, value: value ?? 0 })));
  const legend = html` <small>${names.map((name, i) => html`${key(range[i]!)} ${name} `)}</small>`;
  const options: Plot.PlotOptions = {
    ...{ marginLeft: 200, height: 50 + wholes.length * 26 },
    x: { label: unit, grid: true, nice: true },
    y: { ...axis, tickSize: 0 },
    color: { domain: names, range, legend: false },
    marks: [Plot.barX(bars, { x: 'value', y: 'key', fill: 'name' }), Plot.ruleX([0])],
  };
  return drawPlot(title, options, legend);
}

const plotWidth = 720;
/** Colour of the values that a chart is about. */
export const accent = '#2f6f8f';
/** Colour of the values with which they are compared. */
export const secondColour = '#c98a2b';
/** Largest number of characters of a label in a chart. The table beside a chart has the full text. */
const longestLabel = 24;

/** Returns the label, cut to `longestLabel` characters. */
export const shorten = (label: string): string => shortened(label, longestLabel);

/**
 * Prepares items for Plot: uses the position of each as its key, because labels may be equal, and makes the axis that shows the
 * labels.
 */
export function labelled<Item extends { label: string }>(items: readonly Item[]) {
  const rows = items.map((item, i) => ({ ...item, key: `${i}` }));
  const tickFormat = (key: string) => shorten(items[Number(key)]!.label);
  return { rows, axis: { label: null, domain: rows.map(({ key }) => key), tickFormat } };
}

/** Draws a plot without a browser. Plot writes into a document of linkedom, whose SVG is returned as text. */
export function drawPlot(title: string, options: Plot.PlotOptions, legend?: Html): Html {
  const { document } = parseHTML('<html><body></body></html>');
  const figure = Plot.plot({
    width: plotWidth,
    marginBottom: 44,
    marginRight: 24,
    style: { fontSize: '12px', background: 'none' },
    ...options,
    document,
  });
  // A picture has one name, so names of its parts are of no use.
  for (const part of figure.querySelectorAll('[aria-label], [aria-description]'))
    for (const name of ['aria-label', 'aria-description']) part.removeAttribute(name);
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', title);
  return html`<figure><figcaption>${title}${legend}</figcaption>${new Html(figure.outerHTML)}</figure>`;
}

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
