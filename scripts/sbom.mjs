// Makes the bill of materials of what ships: build/basketwise-VERSION.cdx.json, CycloneDX, by npm from package-lock.json. npm's own `--omit
// dev` also omits packages that a tool and the program share: here the bill contains all dependencies of the program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

/** All dependencies of a component, itself included. */
function closure(dependencies, from) {
  const lists = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const found = new Set([from]);
  for (const ref of found) for (const next of lists.get(ref) ?? []) found.add(next);
  return found;
}

const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only', '--workspaces'];
const listed = JSON.parse(execFileSync('npm', ['sbom', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }));
const program = listed.components.find(({ purl }) => purl === `pkg:npm/${name}@${version}`);
const shipped = closure(listed.dependencies, program['bom-ref']);
const { serialNumber: _serialNumber, metadata, ...rest } = listed;
const { timestamp: _timestamp, tools: _tools, ...described } = metadata;
const bill = {
  ...rest,
  metadata: { ...described, component: { ...program, type: 'application', name } },
  components: listed.components.filter((component) => component !== program && shipped.has(component['bom-ref'])),
  dependencies: listed.dependencies.filter(({ ref }) => shipped.has(ref)),
};
mkdirSync(join(root, 'build'), { recursive: true });
const file = join(root, 'build', `${name}-${version}.cdx.json`);
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(`${file}\n`);
