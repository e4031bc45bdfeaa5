import type { DescribedFile, DescribedFiles } from './described-file.ts';
import { code, linked, tableOf } from './markdown.ts';
import { resultFiles, snapshotFiles } from './result-files.ts';
import { evidenceFiles, outputFiles, reportFiles, stateFiles } from './run-files.ts';

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
    'number. JSON files have keys that say what they hold; `validation.schema.json` and `run-results.schema.json` of the packages describe theirs.',
    '[Privacy](../security.md#privacy-what-may-be-passed-on) lists the files that may be passed on.\n',
    ...sections.map(sectionOf),
  ].join('\n');
}

function sectionOf({ heading, meaning, files }: DescribedFiles): string {
  return [`## ${heading}\n`, linked(meaning), filesTable(files), ...files.filter(hasColumns).map(columnsOf)].join('\n');
}

const filesTable = (files: readonly DescribedFile[]) =>
  tableOf(
    ['file', 'content', 'only with'],
    files.map(({ file, meaning, when }) => [code(file), linked(meaning), when ?? '']),
  );

const hasColumns = ({ columns, isLikeAbove }: DescribedFile) => columns !== undefined && !isLikeAbove;

const columnsOf = ({ file, columns = [] }: DescribedFile): string =>
  [
    `### ${code(file)}`,
    tableOf(
      ['column', 'type', 'meaning'],
      columns.map(([name, type, meaning]) => [code(name), type, linked(meaning)]),
    ),
  ].join('\n');
