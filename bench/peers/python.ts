import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Python with these packages (`name==version`), in a virtual environment that is made once. BENCH_PYTHON overrides it. */
export function pythonWith(name: string, packages: readonly string[]): string {
  const override = process.env.BENCH_PYTHON;
  if (override) return override;
  const folder = join(tmpdir(), `basketwise-peers-${name}`);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'packages.txt');
  if (existsSync(done)) return python;
  execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 2, 2] });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...packages], { stdio: ['ignore', 2, 2] });
  execFileSync(python, ['-c', 'import sys; open(sys.argv[1], "w").write("installed")', done]);
  return python;
}
