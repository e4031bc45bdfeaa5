const [width, height] = [720, 420];
const margin = { top: 30, right: 150, bottom: 44, left: 64 };
const colours = ['#222', '#c98a2b', '#2f6f8f', '#6a4c93', '#3a7d44', '#b23a48', '#5f6c7b'];
/** Names of lines stand this far apart, at least. */
const lineHeight = 15;

interface Point {
  x: number;
  y: number;
}

/** The chart to draw, on logarithmic axes: x and y name them. */
export interface GrowthChart {
  x: string;
  y: string;
  lines: readonly { name: string; points: readonly Point[] }[];
}

type Scale = (value: number) => number;

/** A logarithmic scale from `from` .. `to` to pixels. */
function logScale(from: number, to: number, start: number, end: number): Scale {
  return (value) => start + ((end - start) * Math.log(value / from)) / Math.log(to / from);
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

/** Powers of ten with a line and a label each. */
function ticksOfY(y: Scale, low: number, high: number): string[] {
  const ticks: string[] = [];
  for (let value = low; value <= high * 1.001; value *= 10) {
    const at = y(value);
    ticks.push(`<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="#ddd"/>`);
    ticks.push(text(margin.left - 8, at + 4, String(Number(value.toPrecision(1))), 'text-anchor="end"'));
  }
  return ticks;
}

/** Where the names of lines go, each beside its last point if there is room: from the highest down. */
function namePlaces(ends: readonly number[]): number[] {
  const places = ends.slice();
  const order = ends.map((_, i) => i).sort((a, b) => ends[a]! - ends[b]!);
  for (const [rank, i] of order.entries()) {
    if (rank > 0) places[i] = Math.max(ends[i]!, places[order[rank - 1]!]! + lineHeight);
  }
  return places;
}

/** Draws lines that are straight where growth is a power of size. Points of 0 are left out. A whole SVG file. */
export function growthChart({ x: xName, y: yName, lines }: GrowthChart): string {
  const drawn = lines
    .map(({ name, points }) => ({ name, points: points.filter((point) => point.y > 0) }))
    .filter(({ points }) => points.length > 0);
  const sizes = [...new Set(drawn.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b);
  const values = drawn.flatMap(({ points }) => points.map((point) => point.y));
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...values))), 10 ** Math.ceil(Math.log10(Math.max(...values)))];
  const x = logScale(sizes[0]!, Math.max(sizes.at(-1)!, sizes[0]! * 2), margin.left, width - margin.right);
  const y = logScale(low, Math.max(high, low * 10), height - margin.bottom, margin.top);
  const places = namePlaces(drawn.map(({ points }) => y(points.at(-1)!.y)));
  const marks = drawn.flatMap(({ name, points }, i) => {
    const colour = colours[i % colours.length]!;
    const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`);
    return [
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="${i === 0 ? 2.5 : 1.5}"/>`,
      ...path.map((at) => `<circle cx="${at.split(',')[0]}" cy="${at.split(',')[1]}" r="3" fill="${colour}"/>`),
      text(width - margin.right + 10, places[i]! + 4, name, `fill="${colour}"`),
    ];
  });
  const title = `${yName} by ${xName}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${ticksOfY(y, low, Math.max(high, low * 10)).join('\n')}
${sizes.map((size) => text(x(size), height - margin.bottom + 18, size.toLocaleString('en'), 'text-anchor="middle"')).join('\n')}
${text((margin.left + width - margin.right) / 2, height - 8, xName, 'text-anchor="middle"')}
${text(margin.left, margin.top - 12, yName, 'text-anchor="end"')}
${marks.join('\n')}
</svg>
`;
}
