import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom/worker';
import { Html, html } from './html.ts';
import { shortened } from './text-table.ts';

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
