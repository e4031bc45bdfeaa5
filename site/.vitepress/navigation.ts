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
      'docs/queries.md',
      'docs/recipes.md',
      'docs/customers.md',
      'docs/features.md',
      'docs/offers.md',
      'docs/outcomes.md',
      'docs/probabilities.md',
      'docs/evaluation.md',
      'docs/models.md',
      'docs/operations.md',
      'docs/runs.md',
      'docs/backup.md',
      'docs/archive.md',
      'docs/validation.md',
      'docs/release.md',
      'docs/privacy.md',
      'docs/erasure.md',
      'docs/security.md',
      'docs/tableau.md',
      'docs/integrations.md',
      'docs/hive.md',
      'docs/spark.md',
      'docs/postgres.md',
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
      'packages/clusters/README.md',
      'packages/offers/README.md',
      'packages/pipeline/README.md',
      'packages/insight/README.md',
      'packages/hive/README.md',
      'packages/postgres/README.md',
      'packages/sample/README.md',
      'packages/cli/README.md',
    ],
  },
  {
    text: 'Design',
    pages: [
      'docs/architecture.md',
      'docs/rooms.md',
      'docs/extending.md',
      'docs/method.md',
      'docs/next-purchase.md',
      'docs/pushdown.md',
      'docs/scale.md',
      'CONTRIBUTING.md',
    ],
  },
  { text: 'Records', pages: ['docs/performance.md', 'docs/records.md', 'CHANGELOG.md', 'RUNBOOK.md'] },
];
