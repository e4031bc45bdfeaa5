import { exitCodes } from '@basketwise/core/base';
import { commandLine } from 'basketwise/run-command';
import { dayForms } from '../../packages/cli/src/command.ts';
import { exitCodeTexts } from '../../packages/cli/src/exit-code-texts.ts';
import { code, tableOf } from './markdown.ts';

type Command = ReturnType<typeof commandLine>;
type Option = Command['options'][number];

/** The reference of commands, options and exit codes, as Markdown, from the parser of the command line. */
export function commandsPage(program = commandLine()): string {
  const codes = Object.entries(exitCodes).map(([name, number]) => {
    const { meaning, remedy } = exitCodeTexts[name as keyof typeof exitCodes];
    return [String(number), code(name), meaning, remedy];
  });
  const commands = leaves(program);
  const common = commonOptions(commands);
  return [
    '# Reference of commands\n',
    'Written by `npm run schema` from the parser of the command line: change the descriptions there. [operations.md](../operations.md) is the guide.',
    `\`basketwise --version\` prints the version. A \`<date>\` is ${dayForms}. Options that several commands have:`,
    tableOf(['option', 'meaning'], [...common.values()].map(optionRow)),
    '## Exit codes\n',
    '0: done. With `--json` an error is one JSON document with `code`, `exitCode`, `message` and `hint`.',
    tableOf(['exit code', 'code', 'meaning', 'what to do'], codes),
    ...commands.map((command) => sectionOf(command, common)),
  ].join('\n');
}

/** A command, or the commands below it. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : (command.commands as Command[]).flatMap(leaves);
}

const keyOf = ({ flags, description }: Option) => `${flags} ${description}`;

const optionRow = ({ flags, description, defaultValue }: Option) =>
  [code(flags), `${description.replace(`: ${dayForms}`, '')}${defaultText(defaultValue)}`].map(escaped);

/** Options that more than two commands have in the same words, by these. */
function commonOptions(commands: readonly Command[]): ReadonlyMap<string, Option> {
  const options = commands.flatMap((command) => [...command.options]);
  const timesOf = (option: Option) => options.filter((each) => keyOf(each) === keyOf(option)).length;
  return new Map(options.flatMap((option) => (timesOf(option) > 2 ? [[keyOf(option), option]] : [])));
}

function sectionOf(command: Command, common: ReadonlyMap<string, Option>): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const given = command.registeredArguments.map((argument, i) => {
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.map(code).join(', ')}`;
    return [code(words[i]!), `${argument.description}${choices}${defaultText(argument.defaultValue)}`];
  });
  const [shared, specific] = [true, false].map((isShared) =>
    command.options.filter((option) => common.has(keyOf(option)) === isShared),
  );
  const usage = [
    'basketwise',
    pathOf(command),
    ...words,
    ...shared!.map(({ flags }) => `[${flags.replace(/^-\w, /, '')}]`),
    ...(specific!.length === 0 ? [] : ['[options]']),
  ].join(' ');
  return [
    `## ${pathOf(command)}\n`,
    `    ${usage}\n`,
    `${sentence(command.description())}`,
    tableOf(['argument or option', 'meaning'], [...given.map((cells) => cells.map(escaped)), ...specific!.map(optionRow)]),
  ].join('\n');
}

/** Text of a cell: a bar outside of code would end it. */
const escaped = (cell: string) => cell.replaceAll(/(?<!\\)\|/g, '\\|');

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const defaultText = (value: unknown) => (value === undefined || value === false ? '' : `; default ${code(String(value))}`);

function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}
