import { type Cell, type Html, html, table } from '@basketwise/page';
import type { ValidationFile } from './validation-file.ts';
import { testedWords, unproven } from './validation-text.ts';

const command = (text: string) => html`<code>basketwise ${text}</code>`;

function releaseText(approvals: number | null): string {
  if (approvals === null) return 'A run is published when it ends, without approvals.';
  return `A run is published after ${approvals === 1 ? '1 approval' : `${approvals} approvals`}, signed by keys that did not make it. Approvals sign this pack, too.`;
}

/** Earlier runs that the pack found in the output folder, to which lists can go back. */
function earlierText(drift: ValidationFile['drift']): string {
  return drift.length === 0
    ? 'none yet: until there is one, a stop means that the bank does not use the lists'
    : drift.map(({ against, referenceDate }) => `${against}, as of ${referenceDate}`).join('; ');
}

/** How published lists are taken back: the command depends on whether runs need approvals. */
function stopText(approvals: number | null): Html {
  return approvals === null
    ? html`${command('rollback RUN')} publishes an earlier run again. The config names no approvals, so that ${command('stop')} is not available.`
    : html`${command('stop --because TEXT --to RUN')} goes back to an earlier run, without ${html`<code>--to</code>`} to none. It blocks new lists until ${command('resume')}.`;
}

/** Statement of the bank under a heading. */
function statementOf({ statements }: ValidationFile['inventory'], heading: string): string {
  return statements.find((one) => one.heading.toLowerCase() === heading)?.text ?? 'not stated';
}

/** Section on controls: how a run is released, stopped, made again and explained. */
export function controlSection({ inventory, drift }: ValidationFile): Html {
  const { approvals, run } = inventory;
  const rows: Cell[][] = [
    ['release', releaseText(approvals)],
    ['stop', stopText(approvals)],
    ['earlier runs to go back to', earlierText(drift)],
    [
      'figures beyond bounds',
      'The command of this pack then ends with exit code 76, which a scheduler can use. It stops no run and no release by itself.',
    ],
    ...['decision to stop', 'fallback', 'monitoring'].map((heading): Cell[] => [heading, statementOf(inventory, heading)]),
    [
      'make the lists again',
      html`${command(`archive ${run}`)} seals the run in one file, and ${command('verify FILE')} makes its bytes again.`,
    ],
    ['list of one customer', html`${command('explain ID')}, or ${command('replay FILE --customer ID')} from an archive.`],
    ['objection to marketing', 'A rule of eligibility: the customer gets no list. The rules are in the section on data.'],
    ['erasure of a customer', command('forget --customer ID')],
    ['persons', 'Basketwise contacts no customer. A person or another system decides on the use of a list.'],
  ];
  return html`<h2 id="controls">Controls</h2>${table('Control of the model', ['control', 'how'], rows)}`;
}

/** Section on the checks of the run and of this pack. */
export function checkSection({ checks, windows }: ValidationFile, hash: string): Html {
  const { files, differs, sameProgram, sameInputs, node, packages, resamples, seed } = checks;
  const inputs =
    sameInputs === null ? 'not known' : sameInputs ? 'they have the hash of the run' : 'they have changed since the run';
  const rows: Cell[][] = [
    [
      'files of the run',
      differs === null ? `all ${files} files have the hashes of their records` : `a file differs from its record: ${differs}`,
    ],
    ['input files, when this pack was made', inputs],
    ['program of this pack', sameProgram ? 'it also made the run' : 'another one made the run'],
    [
      'figures of the test windows',
      windows.length === 0
        ? 'none'
        : 'computed anew for this pack from the input files: the models of each window were fitted again',
    ],
    ['lists of the run', html`read from the run, and not made again for this pack: ${command('verify')} makes them again`],
    ['seed of the intervals', `${seed}, with ${resamples} resamples`],
    ['version', `Basketwise ${packages}, Node ${node}`],
    ['sha256 of validation.json', html`<code>${hash}</code>`],
  ];
  return html`<h2 id="checks">Checks</h2>${table('What this pack checked', ['what', 'result'], rows)}
<p class="note">The same files, program, version and seed make the same pack.</p>`;
}

/** Section on the limits of the figures. */
export function limitSection(file: ValidationFile): Html {
  return html`<h2 id="limits">Limits</h2><ul>
<li>Lists rank products by the probability of a purchase. They are no basis to grant, refuse or price a product.</li>
<li>${testedWords(file).limit} The effect of an offer is not in this pack: the outcomes in the report of a run measure it.</li>
<li>A slice is weak, and a group is flagged, by a measure. Neither is a judgement of its cause.</li>
<li>Intervals are 95 %. Recall by groups, shares of changed lists, parts of the Brier score, weights and effects have none.</li>
${unproven(file).map((text) => html`<li>${text}</li>`)}
<li>Not tried: lists with another seed, the model of an earlier run as a challenger, extreme values in columns, and holdings that a customer does not have.</li>
<li>The pack is material for a review by people who did not build the model. It is no legal advice.</li></ul>`;
}
