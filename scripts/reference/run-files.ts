import type { DescribedFiles } from './described-file.ts';

/** Files with the models of a run and the evidence for them: exact counts, for the bank alone. */
export const evidenceFiles: DescribedFiles = {
  heading: 'Models and evidence',
  folder: 'run',
  meaning: 'Choices, models and probabilities of a run. Counts are exact: not for others, see docs/security.md.',
  files: [
    {
      file: 'choice.json',
      meaning: 'Choice of `automatic`: a list with an entry per campaign whose model the config leaves open.',
      when: 'a campaign with the model automatic',
    },
    {
      file: 'calibration.json',
      meaning: 'Probabilities of list entries: a list with an entry per campaign. Method: docs/method.md.',
      when: 'holdings with dates, or evaluate',
    },
    {
      file: 'next-product.json',
      meaning:
        'Probabilities of list entries without dates: a list with an entry per campaign, null with too few customers. Method: docs/method.md#without-dates.',
      when: 'holdings without dates',
    },
    {
      file: 'features.json',
      meaning: 'Levels of the features by which models rank.',
      when: 'features',
    },
    {
      file: 'models/campaigns/<campaign>/all.arrow',
      meaning: 'Model of a campaign, or its common model with clusters. An Arrow file, read by `@basketwise/core`.',
    },
    {
      file: 'models/campaigns/<campaign>/<cluster>.arrow',
      meaning: 'Model of a cluster of a campaign.',
      when: 'a campaign with by_cluster and pooling: none',
    },
    {
      file: 'models/clusters/<scheme>.arrow',
      meaning: 'Centres of the clusters of a scheme.',
      when: 'clusters',
    },
  ],
};

/** Files that may be passed on. */
export const reportFiles: DescribedFiles = {
  heading: 'Reports',
  folder: 'run',
  meaning:
    'Figures that may be passed on: numbers of customers are in tens, small ones are null. Rules: docs/security.md#numbers.',
  files: [
    { file: 'report.html', meaning: 'Report of the run as a page without scripts of other hosts.', when: 'output.report' },
    {
      file: 'validation.json',
      meaning: 'Validation pack, which approvals sign. A published run stays with the first one. Meaning: docs/audit.md.',
      when: 'basketwise validate',
    },
    {
      file: 'report.json',
      meaning: 'Figures of the report.',
      when: 'output.report',
    },
    { file: 'segments.txt', meaning: 'Segments as tables of text.' },
    {
      file: 'segments.json',
      meaning: 'Number of customers by segment.',
    },
    { file: 'clusters.txt', meaning: 'Profiles of the clusters as tables of text.' },
    {
      file: 'clusters.json',
      meaning: 'Profiles of the clusters. Reading: docs/customers.md#what-is-in-a-cluster.',
    },
  ],
};

/** Files by which runs are resumed, compared and verified. */
export const stateFiles: DescribedFiles = {
  heading: 'Records of the run',
  folder: 'run',
  meaning: 'State and identity of a run.',
  files: [
    {
      file: 'manifest.json',
      meaning: 'Inputs and results of a finished run, independent of time and place. Exact: not for others.',
    },
    {
      file: 'run.json',
      meaning: 'State or end of the run. Its times alone differ in a repeated run.',
    },
    {
      file: 'erasures.json',
      meaning: 'Files without erased customers, docs/audit.md#forget.',
      when: '`basketwise forget`',
    },
    {
      file: 'stages/<stage>.json',
      meaning: 'Record of a finished stage, by which a resumed run skips it.',
    },
  ],
};

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
    },
    { file: 'validation.html', meaning: 'Pack of `basketwise validate`: may be passed on.', when: 'basketwise validate' },
    { file: 'validation-card.md', meaning: 'The same as a model card: may be passed on.', when: 'basketwise validate' },
    {
      file: 'validation.json',
      meaning: 'The same as data: may be passed on. Meaning: docs/audit.md.',
      when: 'basketwise validate',
    },
    { file: 'tune.md', meaning: 'Report of `basketwise tune`: may be passed on.', when: 'basketwise tune' },
    { file: 'tune.html', meaning: 'The same as a page.', when: 'basketwise tune' },
    { file: 'tune.yaml', meaning: 'The chosen parameters as a part of a config.', when: 'basketwise tune' },
    {
      file: 'tune.json',
      meaning: 'The same as data: may be passed on.',
      when: 'basketwise tune',
    },
    {
      file: 'tune-trials.json',
      meaning: 'Finished trials, by which a stopped `tune` continues.',
      when: 'basketwise tune',
    },
    { file: 'profile.html', meaning: 'Profile of the bank by `basketwise profile`.', when: 'basketwise profile' },
  ],
};
