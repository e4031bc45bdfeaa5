import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesWithIds, talkVariable } from './talk.ts';

/** Vitest's global set-up: all output of the suite is searched for customers' ids at its end; one is a failure. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-talk-'));
  process.env[talkVariable] = folder;
  return () => {
    const kept = readdirSync(folder, { recursive: true }).length;
    const faults = filesWithIds(folder);
    rmSync(folder, { recursive: true, force: true });
    if (faults.length > 0) {
      process.exitCode = 1;
      throw new Error(`customer ids in logs, reports or messages of the suite:\n${faults.slice(0, 20).join('\n')}`);
    }
    if (kept > 0) console.log(`no customer id in ${kept} logs, reports, states and messages of this suite`);
  };
}
