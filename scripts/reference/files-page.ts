import type { DescribedFile, DescribedFiles } from './described-file.ts';
import { code, linked, tableOf } from './markdown.ts';
import { outputFiles } from './output-files.ts';
import { evidenceFiles, stateFiles } from './record-files.ts';
import { reportFiles } from './report-files.ts';
import { resultFiles, snapshotFiles } from './result-files.ts';

/** All files that runs and commands leave, by section. */
export const describedFiles: readonly DescribedFiles[] = [
  resultFiles,
  snapshotFiles,
  evidenceFiles,
  reportFiles,
  stateFiles,
  outputFiles,
];

/** The reference of the files that runs leave, as Markdown. */
export function filesPage(sections = describedFiles): string {
  return [
    '# Reference of files\n',
    'Written by `npm run schema` from the tables of columns in the code and the descriptions in `scripts/reference`: change them there. Files are in',
    'the folder of a run, `output.dir/runs/RUN`, unless the section names another folder. Types are names of DuckDB. `<...>` stands for a name or a',
    'number. In keys of JSON, `[]` stands for each entry of a list, a word in capitals for a name. A key without keys below it stands for all that is',
    'below it. [Privacy](../security.md#privacy-what-may-be-passed-on) lists the files that may be passed on.\n',
    ...sections.map(sectionOf),
  ].join('\n');
}

function sectionOf({ heading, meaning, files }: DescribedFiles): string {
  return [`## ${heading}\n`, linked(meaning), filesTable(files), ...files.filter(hasParts).map(partsOf)].join('\n');
}

const filesTable = (files: readonly DescribedFile[]) =>
  tableOf(
    ['file', 'content', 'written with'],
    files.map(({ file, meaning, when }) => [code(file), linked(meaning), when ?? 'every run']),
  );

const hasParts = ({ columns, keys }: DescribedFile) => columns !== undefined || keys !== undefined;

/** The columns or keys of a file. */
function partsOf({ file, columns = [], keys = [] }: DescribedFile): string {
  return [
    `### ${code(file)}`,
    tableOf(
      ['column', 'type', 'meaning'],
      columns.map(([name, type, meaning]) => [code(name), type, linked(meaning)]),
    ),
    tableOf(
      ['key', 'meaning'],
      keys.map(([path, meaning]) => [
        code(path.replace('?', '')),
        `${linked(meaning)}${path.endsWith('?') ? ' May be missing.' : ''}`,
      ]),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
