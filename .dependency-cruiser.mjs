import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Layers, from the lowest up: a module may import from its own room and from rooms below it, never from one above, and no
// imports go in a circle. `npm run check` holds them. Files beside the rooms of a package are above them, except those named.

const root = fileURLToPath(new URL('packages', import.meta.url));

/** Rooms of each package, from the ground up. Rooms in one list know nothing of each other; `(a|b)` are two folders of one room. */
export const floors = {
  core: [
    ['error.ts', 'plain-text.ts', 'numbers'],
    ['dates', '(wasm|generated)'],
    ['records'],
    ['baskets'],
    ['clusters', 'rules'],
    ['models'],
    ['als'],
    ['next-purchase'],
    ['kinds'],
    ['front-door'],
  ],
  recommend: [['campaigns'], ['evaluation'], ['choosing']],
  data: [['files'], ['engine', 'published'], ['duckdb'], ['snapshot'], ['extract', 'results']],
  clusters: [['features'], ['fitting'], ['profile'], ['segments']],
  offers: [['allocation', 'effects'], ['decisions']],
  pipeline: [
    ['values'],
    ['drivers'],
    ['config'],
    ['run'],
    ['features'],
    ['source'],
    ['campaigns'],
    ['outcomes'],
    ['report'],
    ['stages'],
    ['telling'],
    ['job.ts'],
  ],
  hive: [['server'], ['settings.ts'], ['publication.ts'], ['pushdown']],
  insight: [
    ['labelled-text.ts', 'markdown.ts'],
    ['evaluation'],
    ['tuning', 'explain'],
    ['products'],
    ['doctor', 'explore', 'init'],
  ],
  audit: [['archive'], ['release', 'validation']],
  cli: [['program.ts', 'command.ts'], ['commands'], ['main.ts']],
  demo: [['engine'], ['view'], ['main.tsx']],
};

/** Packages that each package uses, as its package.json says: its dependencies and peers. Optional peers are left out. */
export const uses = Object.fromEntries(
  readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'package.json')))
    .map((name) => [name, usesOf(name)]),
);

function usesOf(name) {
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync(join(root, name, 'package.json')));
  const all = Object.keys({ ...dependencies, ...peerDependencies }).filter((other) => !peerDependenciesMeta?.[other]?.optional);
  return all.flatMap((other) => /^@basketwise[/](.+)/.exec(other)?.[1] ?? []);
}

/** @throws Error for packages that use each other in a circle */
function checkUses(name, above = [name]) {
  for (const other of uses[name]) {
    if (above.includes(other)) throw new Error(`packages use each other in a circle: ${[...above, other].join(' -> ')}`);
    checkUses(other, [...above, other]);
  }
}
for (const name of Object.keys(uses)) checkUses(name);

const pathOf = (name, room) =>
  room.includes('.') ? `^packages/${name}/src/${room.replaceAll('.', '[.]')}$` : `^packages/${name}/src/${room}/`;

/** No import may run from a room to its neighbours or to the rooms above. */
const upward = Object.entries(floors).flatMap(([name, storeys]) =>
  storeys.flatMap((rooms, storey) =>
    rooms.map((room) => {
      const others = [...rooms.filter((other) => other !== room), ...storeys.slice(storey + 1).flat()];
      return {
        name: `${name}-${room}-imports-up`,
        comment: `${name}/src/${room} may use what stands below it: see .dependency-cruiser.mjs`,
        severity: 'error',
        from: { path: pathOf(name, room) },
        to: { path: others.map((other) => pathOf(name, other)) },
      };
    }),
  ),
);

const packages = Object.entries(uses).map(([name, allowed]) => ({
  name: `${name}-uses-too-much`,
  comment: `packages/${name} may use ${allowed.join(', ') || 'no package of ours'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: { path: '^packages/', pathNot: [name, ...allowed].map((other) => `^packages/${other}/`) },
}));

export default {
  forbidden: [
    { name: 'no-circle', comment: 'imports go in a circle', severity: 'error', from: {}, to: { circular: true } },
    ...upward.filter(({ to }) => to.path.length > 0),
    ...packages,
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/[^/]*[.]map$'] },
    includeOnly: '^packages/[^/]+/(src|dist)/',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
