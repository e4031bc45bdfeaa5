import { type EdgeLabel, Graph, type GraphLabel, layout, type NodeLabel } from '@dagrejs/dagre';

/** Pixels: height of a line of text, mean width of a letter, room between text and frame. */
const size = { line: 18, letter: 7, padding: 12 };

const directions = ['BT', 'TB', 'LR', 'RL'] as const;

interface Node {
  readonly lines: readonly string[];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string | undefined;
}

/**
 * A flowchart of Mermaid as SVG, drawn when the site is built, so that a page needs no script for it. It may have nodes with a text in quotes, arrows, and
 * dotted arrows with a label.
 * @throws Error with the first line that it cannot read
 */
export function diagramOf(source: string): string {
  const [head = '', ...lines] = source.split('\n').filter((line) => line.trim() !== '');
  const direction = directions.find((one) => head === `flowchart ${one}`);
  if (direction === undefined) throw new Error(`not a flowchart that the site can draw: ${head}`);
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  for (const line of lines) {
    const [, name, text] = /^\s*(\w+)\["([^"]+)"\]$/.exec(line) ?? [];
    const [, from, label, to] = /^\s*(\w+) (?:-->|-\. (.+) \.->) (\w+)$/.exec(line) ?? [];
    if (name !== undefined && text !== undefined) nodes.set(name, { lines: text.split('<br>').flatMap(wrapped) });
    else if (from !== undefined && to !== undefined) edges.push({ from, to, label });
    else throw new Error(`not a line of a flowchart that the site can draw: ${line}`);
  }
  return drawn(nodes, edges, direction);
}

/** A text in lines of about 26 letters. */
function wrapped(text: string): string[] {
  return text.replaceAll(/(.{20,26}?) /g, '$1\n').split('\n');
}

function drawn(nodes: ReadonlyMap<string, Node>, edges: readonly Edge[], rankdir: (typeof directions)[number]): string {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir, nodesep: 24, ranksep: 36, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [name, { lines }] of nodes) {
    const width = Math.max(...lines.map(({ length }) => length)) * size.letter + 2 * size.padding;
    graph.setNode(name, { width, height: lines.length * size.line + size.padding });
  }
  for (const { from, to, label } of edges) {
    graph.setEdge(from, to, label === undefined ? {} : { width: label.length * size.letter, height: size.line, labelpos: 'c' });
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const names = [...nodes.values()].map(({ lines }) => lines[0]!).join(', ');
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Diagram of ${escaped(names)}">`,
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" /></marker>',
    ...edges.map((edge) => drawnEdge(edge, graph.edge(edge.from, edge.to))),
    ...[...nodes].map(([name, { lines }]) => drawnNode(lines, graph.node(name))),
    '</svg>',
  ].join('');
}

function drawnEdge({ label }: Edge, { points = [], x, y }: EdgeLabel): string {
  const path = points.map((point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('L');
  const text = label === undefined ? '' : `<text x="${x}" y="${y}">${escaped(label)}</text>`;
  return `<path class="${label === undefined ? 'arrow' : 'arrow dotted'}" d="M${path}" marker-end="url(#arrow)" />${text}`;
}

function drawnNode(lines: readonly string[], { x = 0, y = 0, width = 0, height = 0 }: NodeLabel): string {
  const top = y - ((lines.length - 1) * size.line) / 2;
  const texts = lines.map((line, i) => `<text x="${x}" y="${top + i * size.line}">${escaped(line)}</text>`);
  return `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="6" />${texts.join('')}`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
