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
  { text: 'Records', pages: ['docs/performance.md', 'CHANGELOG.md', 'RELEASING.md'] },
];
