import type { ResultTable } from './record.ts';

const [width, lineHeight, barHeight] = [720, 15, 12];
const margin = { top: 30, right: 170, bottom: 44, left: 64 };
/** Colours on a light and on a dark ground: text, grid, and series in order. */
const light = ['#222', '#ddd', '#9a5b00', '#1f6f9f', '#7a3fae', '#2c7a3a', '#b23a48', '#5f6c7b', '#00706b', '#8a5a44'];
const dark = ['#e6e6e6', '#444', '#e0a34a', '#6cb6e0', '#c39be8', '#7fce8c', '#f08a95', '#a7b4c2', '#4cc9c0', '#d0a48d'];

type Scale = (value: number) => number;
interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const at = (value: number) => value.toFixed(1);

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${at(x)}" y="${at(y)}" ${attributes}>${escaped(content)}</text>`;
}

/** A whole SVG file in the colours of the reader's scheme. */
function svg(height: number, title: string, marks: readonly string[]): string {
  const rules = (colours: readonly string[], ground: string) =>
    [
      `.ground{fill:${ground}}text{fill:${colours[0]}}.grid{stroke:${colours[1]}}`,
      ...colours.slice(2).map((colour, i) => `.f${i}{fill:${colour}}.s${i}{stroke:${colour};fill:none}`),
    ].join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12">
<style>${rules(light, '#fff')}@media (prefers-color-scheme: dark){${rules(dark, '#1b1b1f')}}</style>
<rect class="ground" width="${width}" height="${height}"/>
${marks.join('\n')}
</svg>
`;
}

/** A logarithmic scale from `from` .. `to` to pixels. */
function logScale(from: number, to: number, start: number, end: number): Scale {
  return (value) => start + ((end - start) * Math.log(value / from)) / Math.log(to / from);
}

/** Powers of ten with a line and a label each. */
function ticksOfY(y: Scale, low: number, high: number): string[] {
  const ticks: string[] = [];
  for (let value = low; value <= high * 1.001; value *= 10) {
    const place = at(y(value));
    ticks.push(`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${place}" y2="${place}"/>`);
    ticks.push(text(margin.left - 8, y(value) + 4, String(Number(value.toPrecision(1))), 'text-anchor="end"'));
  }
  return ticks;
}

/** Places of the lines' names, each beside its last point if there is room: from the highest down. */
function namePlaces(ends: readonly number[]): number[] {
  const places = ends.slice();
  const order = ends.map((_, i) => i).sort((a, b) => ends[a]! - ends[b]!);
  for (const [rank, i] of order.entries()) {
    if (rank > 0) places[i] = Math.max(ends[i]!, places[order[rank - 1]!]! + lineHeight);
  }
  return places;
}

/** Lines on logarithmic axes: straight where growth is a power of the first column. */
function linesChart(title: string, xName: string, lines: readonly Line[]): string {
  const height = 420;
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(10 ** Math.ceil(Math.log10(Math.max(...values))), low * 10);
  const x = logScale(sizes[0]!, Math.max(sizes.at(-1)!, sizes[0]! * 2), margin.left, width - margin.right);
  const y = logScale(low, high, height - margin.bottom, margin.top);
  const places = namePlaces(lines.map(({ points }) => y(points.at(-1)!.y)));
  const marks = lines.flatMap(({ name, points }, i) => [
    `<polyline class="s${i}" points="${points.map((point) => `${at(x(point.x))},${at(y(point.y))}`).join(' ')}" stroke-width="${i === 0 ? 2.5 : 1.5}"/>`,
    ...points.map((point) => `<circle class="f${i}" cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="3"/>`),
    text(width - margin.right + 10, places[i]! + 4, name, `class="f${i}"`),
  ]);
  return svg(height, title, [
    ...ticksOfY(y, low, high),
    ...sizes.map((size) => text(x(size), height - margin.bottom + 18, size.toLocaleString('en'), 'text-anchor="middle"')),
    text((margin.left + width - margin.right) / 2, height - 8, xName, 'text-anchor="middle"'),
    ...marks,
  ]);
}

/** Horizontal bars from 0: a group for each row, a bar for each column. */
function barsChart(title: string, names: readonly string[], columns: readonly string[], values: readonly number[][]): string {
  const [left, top, gap] = [250, 16 + lineHeight * (columns.length > 1 ? columns.length : 0), 8];
  const group = columns.length * barHeight + gap;
  const most = Math.max(...values.flat());
  const x = (value: number) => ((width - left - 70) * value) / most;
  const marks = names.flatMap((name, row) => {
    const y = top + row * group;
    return [
      text(left - 8, y + (group - gap) / 2 + 4, name, 'text-anchor="end"'),
      ...values[row]!.flatMap((value, i) => [
        `<rect class="f${i}" x="${left}" y="${y + i * barHeight}" width="${at(x(value))}" height="${barHeight - 1}"/>`,
        text(left + x(value) + 5, y + i * barHeight + 10, value.toLocaleString('en'), 'font-size="11"'),
      ]),
    ];
  });
  const legend = columns.length > 1 ? columns.map((column, i) => text(left, 14 + i * lineHeight, column, `class="f${i}"`)) : [];
  return svg(top + names.length * group + 8, title, [...legend, ...marks]);
}

/**
 * Draws the chart of a table as an SVG file. Cells that are no numbers above 0 are left out of lines, and are bars of 0.
 * @throws Error where the chart names a column that the table does not have
 */
export function chartOf({ columns, rows, chart }: ResultTable, title: string): string {
  const places = chart!.columns.map((name) => columns.indexOf(name));
  if (places.includes(-1)) throw new Error(`the chart of ${title} names a column that its table does not have`);
  const label = `${title}: ${chart!.columns.join(', ')}`;
  const number = (cell: string | number | undefined) => (typeof cell === 'number' ? cell : 0);
  if (chart!.kind === 'bars') {
    const names = rows.map(([name]) => String(name).replaceAll('`', ''));
    return barsChart(
      label,
      names,
      chart!.columns,
      rows.map((row) => places.map((place) => number(row[place]))),
    );
  }
  const lines = places.map((place) => ({
    name: columns[place]!,
    points: rows.map((row) => ({ x: number(row[0]), y: number(row[place]) })).filter(({ y }) => y > 0),
  }));
  return linesChart(
    label,
    columns[0]!,
    lines.filter(({ points }) => points.length > 0),
  );
}
