import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basketwise, program } from '../pipeline/small-bank.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'basketwise-shells-'));
  writeFileSync(join(folder, 'basketwise'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(folder, 'basketwise'), 0o755);
  writeFileSync(join(folder, 'bank.yaml'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, exitCode } = await basketwise(folder, 'completion', shell);
    expect(exitCode).toBe(0);
    writeFileSync(join(folder, `completion.${shell}`), stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const because = (...commands: string[]) => {
  const missing = commands.filter((command) => !has(command));
  return missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : '';
};
const env = () => ({ ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, HOME: folder, TERM: 'dumb', PS1: '> ' });

/** Arguments that a shell on a terminal of its own calls the program with, after these keys: the program is `echo`. */
async function typed(shell: string, setup: string, keys: string): Promise<string> {
  const child = spawn('script', ['-qfec', shell, '/dev/null'], { cwd: folder, env: env() });
  let shown = '';
  const heard = new Set<() => void>();
  child.stdout.on('data', (bytes) => {
    shown += bytes;
    for (const look of heard) look();
  });
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => (shown.includes(text) ? resolve() : undefined);
      heard.add(look);
      look();
    });
  // quotes in the words that are waited for, so that the echo of the keys does not have them
  child.stdin.write(`${setup}; basketwise() { echo "go""t: $*"; }; echo rea""dy\n`);
  await until('ready');
  child.stdin.write(`${keys}\n`);
  await until('got: ');
  child.stdin.end('exit\n');
  await once(child, 'close');
  return shown.split('got: ')[1]!.split(/\r?\n/)[0]!.trim();
}

describe.skipIf(because('bash', 'script') !== '')(`bash${because('bash', 'script')}`, () => {
  const completed = (line: string) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const script = `source completion.bash; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _basketwise; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['--norc', '-c', script], { cwd: folder, env: env(), encoding: 'utf8' }).stdout.trim();
  };

  test('completes commands, commands of commands and options', () => {
    expect(completed('basketwise ru').split(' ')).toEqual(expect.arrayContaining(['run', 'rules']));
    expect(completed('basketwise cluster ')).toContain('elbow fit apply profile');
    expect(completed('basketwise run --s')).toBe('--stage --select --skip-exit');
    expect(completed('basketwise cluster fit --c')).toBe('--config');
    expect(completed('basketwise run --config ')).toBe('');
  });

  test('does it at a TAB on a terminal, and files after --config', async () => {
    const at = (keys: string) => typed('bash --norc --noprofile -i', 'source completion.bash', keys);
    expect(await at('basketwise evalu\t--camp\tx')).toBe('evaluate --campaign x');
    expect(await at('basketwise cluster pro\t--conf\tbank.y\t')).toBe('cluster profile --config bank.yaml');
  });
});

test.skipIf(because('zsh', 'script') !== '')(`zsh does it, too${because('zsh', 'script')}`, async () => {
  const at = (keys: string) => typed('zsh -f -i', 'autoload -U compinit; compinit -u -D; source completion.zsh', keys);
  expect(await at('basketwise evalu\t--camp\tx')).toBe('evaluate --campaign x');
  expect(await at('basketwise cluster pro\t--conf\tbank.y\t')).toBe('cluster profile --config bank.yaml');
});

test.skipIf(because('fish') !== '')(`fish does it, too${because('fish')}`, () => {
  const completed = (line: string) => {
    const script = `source completion.fish; complete -C '${line}'`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { cwd: folder, env: env(), encoding: 'utf8' });
    return stdout
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0])
      .sort();
  };
  expect(completed('basketwise ru')).toEqual(expect.arrayContaining(['rules', 'run']));
  expect(completed('basketwise run --s')).toEqual(['--select', '--skip-exit', '--stage']);
  expect(completed('basketwise cluster el')).toEqual(['elbow']);
  expect(completed('basketwise run --config ban')).toEqual(['bank.yaml']);
});

describe('the manual page', () => {
  test('has every command and option that the help has', async () => {
    const { stdout } = await basketwise(folder, 'man');
    const plain = stdout.replaceAll('\\-', '-').replaceAll(/\\f[BR]/g, '');
    const { stdout: help } = await basketwise(folder, '--help');
    const names = help.split('Commands:')[1]!.matchAll(/^ {2}([a-z][a-z-]*)/gm);
    for (const [, name] of names) if (name !== 'help') expect(plain, name).toMatch(new RegExp(`^\\.SS "${name}`, 'm'));
    const { stdout: run } = await basketwise(folder, 'run', '--help');
    for (const [option] of run.matchAll(/--[a-z-]+/g)) expect(plain).toContain(option);
    expect(plain).toContain('73 locked by another run');
  });

  test.skipIf(because('man') !== '')(`is read by man without a warning${because('man')}`, async () => {
    writeFileSync(join(folder, 'basketwise.1'), (await basketwise(folder, 'man')).stdout);
    const read = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-P', 'cat', 'basketwise.1'], {
      ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, MANWIDTH: '80' } },
    });
    expect(read.stderr).toBe('');
    expect(read.stdout).toContain('--skip-exit <code>');
  });
});
