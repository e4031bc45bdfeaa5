import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { commandLine } from 'basketwise/run-command';
import { exitCodeTexts } from '../../packages/cli/src/exit-code-texts.ts';
import { code, tableOf } from './markdown.ts';

type Command = ReturnType<typeof commandLine>;

/** The reference of commands, options and exit codes, as Markdown, from the parser of the command line. */
export function commandsPage(program = commandLine()): string {
  const codes = Object.entries(exitCodes).map(([name, number]) => {
    const { meaning, remedy } = exitCodeTexts[name as keyof typeof exitCodes];
    return [String(number), code(name), meaning, remedy];
  });
  return [
    '# Reference of commands\n',
    'Written by `npm run schema` from the parser of the command line: change the descriptions there. Each command has `-h, --help`;',
    '`basketwise --version` prints the version. [operations.md](../operations.md) is the guide.\n',
    '## Exit codes\n',
    '0: done. With `--json` an error is one JSON document with `code`, `exitCode`, `message` and `hint`.',
    tableOf(['exit code', 'code', 'meaning', 'what to do'], codes),
    ...leaves(program).map(sectionOf),
  ].join('\n');
}

/** A command, or the commands below it. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : (command.commands as Command[]).flatMap(leaves);
}

function sectionOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const given = command.registeredArguments.map((argument, i) => {
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.map(code).join(', ')}`;
    return [code(words[i]!), `${argument.description}${choices}`, defaultText(argument.defaultValue)];
  });
  const options = command.options.map(({ flags, description, defaultValue }) => [
    code(flags),
    description,
    defaultText(defaultValue),
  ]);
  const usage = ['basketwise', pathOf(command), ...words, '[options]'].join(' ');
  return [
    `## ${pathOf(command)}\n`,
    `    ${usage}\n`,
    `${sentence(command.description())}`,
    tableOf(
      ['argument or option', 'meaning', 'default'],
      [...given, ...options].map((cells) => cells.map(escaped)),
    ),
  ].join('\n');
}

/** Text of a cell: a bar outside of code would end it. */
const escaped = (cell: string) => cell.replaceAll(/(?<!\\)\|/g, '\\|');

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const defaultText = (value: unknown) => (value === undefined || value === false ? '' : code(String(value)));

function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}
