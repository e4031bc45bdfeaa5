import { type DescribedFiles, seal } from './described-file.ts';
import { validationKeys } from './report-files.ts';

/** Files beside the run folders. */
export const outputFiles: DescribedFiles = {
  heading: 'Output folder',
  folder: 'output',
  meaning: 'Files beside `runs/`, in which each run has its folder, and `latest`, the link to the last successful one.',
  files: [
    { file: 'archives/<run>.tar', meaning: 'Archive of a run: docs/audit.md.', when: '`basketwise archive`' },
    { file: 'index.html', meaning: 'Page of all runs: may be passed on.', when: 'output.report' },
    {
      file: 'published.json',
      meaning: 'Published runs in the order of their publication.',
      keys: [
        ['version', 'Version of the form, 1.'],
        ['isCut?', 'Present if older runs were published that the record lacks.'],
        ['runs[].run', 'Name of the run folder.'],
        ['runs[].seal', 'Seal of its manifest.'],
        ['before', 'The list before the last publication or rollback.'],
        seal,
      ],
    },
    {
      file: 'journal.jsonl',
      meaning: 'Approvals, releases, stops and erasures, a line each: docs/audit.md#the-journal.',
      when: '`release` of the config, or `basketwise forget`',
    },
    {
      file: 'journal-head.json',
      meaning: 'Last line of the journal, written before it.',
      when: '`release` of the config, or `basketwise forget`',
      keys: [
        ['version', 'Version of the form, 1.'],
        ['bytes', 'Bytes of the journal before the line.'],
        ['line', 'The line.'],
        seal,
      ],
    },
    {
      file: 'published-to-<target>.json',
      meaning: 'Runs published to Hive, Spark or PostgreSQL, by reference date.',
      when: 'output.hive, output.spark or output.postgres',
    },
    {
      file: 'outcomes.parquet',
      meaning: 'As `outcomes.parquet` of a run, by `basketwise outcomes`.',
      when: 'basketwise outcomes',
    },
    { file: 'evaluation.md', meaning: 'Report of `basketwise evaluate`: may be passed on.', when: 'basketwise evaluate' },
    {
      file: 'evaluation.json',
      meaning: 'Figures of `basketwise evaluate`, exact: not for others. Meaning: docs/models.md.',
      when: 'basketwise evaluate',
      keys: [
        ['version', 'Version of the form.'],
        ['windows', 'Windows of the test.'],
        ['pooled', 'Models over all campaigns of a kind.'],
        ['probabilities', 'Quality of the probabilities: Brier score and calibration.'],
        ['campaigns', 'Models of each campaign with metrics, intervals and breakdowns.'],
      ],
    },
    { file: 'validation.html', meaning: 'Pack of `basketwise validate`: may be passed on.', when: 'basketwise validate' },
    { file: 'validation-card.md', meaning: 'The same as a model card: may be passed on.', when: 'basketwise validate' },
    {
      file: 'validation.json',
      meaning: 'The same as data: may be passed on. Meaning: docs/audit.md.',
      when: 'basketwise validate',
      keys: validationKeys,
    },
    { file: 'tune.md', meaning: 'Report of `basketwise tune`: may be passed on.', when: 'basketwise tune' },
    { file: 'tune.html', meaning: 'The same as a page.', when: 'basketwise tune' },
    { file: 'tune.yaml', meaning: 'The chosen parameters as a part of a config.', when: 'basketwise tune' },
    {
      file: 'tune.json',
      meaning: 'The same as data: may be passed on.',
      when: 'basketwise tune',
      keys: [
        ['version', 'Version of the form.'],
        ['window', 'Inner window, in which parameters are chosen.'],
        ['outer', 'Outer window, in which the chosen parameters are tested.'],
        ['metric', 'Metric of the choice.'],
        ['campaigns', 'Trials, choice and test of each campaign.'],
      ],
    },
    {
      file: 'tune-trials.json',
      meaning: 'Finished trials, by which a stopped `tune` continues.',
      when: 'basketwise tune',
      keys: [
        ['key', 'Hash of data, config and program.'],
        ['trials[].campaign', 'Campaign of the trial.'],
        ['trials[].parameters', 'Its parameters.'],
        ['trials[].share', 'Share of the test customers and of the sweeps in it, 0 to 1.'],
        ['trials[].score', 'Mean of the metric.'],
        seal,
      ],
    },
    { file: 'profile.html', meaning: 'Profile of the bank by `basketwise profile`.', when: 'basketwise profile' },
  ],
};
