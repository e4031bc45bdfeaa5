/** A section of the site, for one kind of reader. Pages are paths from the root of the repository, in reading order. */
export interface Section {
  readonly text: string;
  readonly pages: readonly string[];
}

export const sections: readonly Section[] = [
  {
    text: 'Guide',
    pages: [
      'docs/first-night.md',
      'docs/config.md',
      'docs/tables.md',
      'docs/customers.md',
      'docs/offers.md',
      'docs/models.md',
      'docs/operations.md',
      'docs/audit.md',
      'docs/security.md',
      'docs/integrations.md',
      'docs/servers.md',
      'packages/demo/README.md',
      'docs/faq.md',
    ],
  },
  {
    text: 'Reference',
    pages: [
      'docs/reference/config.md',
      'docs/reference/commands.md',
      'docs/reference/files.md',
      'docs/glossary.md',
      'packages/core/README.md',
      'packages/recommend/README.md',
      'packages/data/README.md',
      'packages/page/README.md',
      'packages/clusters/README.md',
      'packages/offers/README.md',
      'packages/pipeline/README.md',
      'packages/insight/README.md',
      'packages/audit/README.md',
      'packages/hive/README.md',
      'packages/postgres/README.md',
      'packages/sample/README.md',
      'packages/cli/README.md',
    ],
  },
  {
    text: 'Design',
    pages: ['docs/architecture.md', 'docs/extending.md', 'docs/method.md', 'CONTRIBUTING.md'],
  },
  { text: 'Records', pages: ['docs/performance.md', 'CHANGELOG.md', 'RUNBOOK.md'] },
];

/** Places of pages of earlier versions that are sections of another page now. */
export const movedPages: Readonly<Record<string, string>> = {
  queries: 'tables.html#dates-and-queries',
  recipes: 'tables.html#recipes-for-tables',
  features: 'customers.html#features-of-customers',
  outcomes: 'offers.html#outcomes-the-effect-of-offers',
  evaluation: 'models.html#evaluation',
  runs: 'operations.html#runs',
  backup: 'operations.html#backup-and-restore',
  tableau: 'integrations.html#results-in-tableau',
  hive: 'servers.html#hive',
  spark: 'servers.html#spark',
  pushdown: 'servers.html#pushdown-and-work-tables',
  postgres: 'servers.html#postgresql',
  privacy: 'security.html#privacy-what-may-be-passed-on',
  erasure: 'security.html#erasing-a-customer',
  validation: 'audit.html#for-model-risk-and-audit',
  archive: 'audit.html#archive-and-replay',
  release: 'audit.html#release-by-two-keys',
  rooms: 'architecture.html#rooms',
  'next-purchase': 'method.html#the-next-purchase-model',
  'next-purchase-fit': 'method.html#weights-of-the-next-purchase-model',
  probabilities: 'method.html#probabilities',
  scale: 'performance.html#when-to-leave-one-machine',
};
