import type { Argument, Command, Option } from 'commander';

/** Makes the manual page of a program, in roff. It has every command, argument and option of the program's parser. */
export function manPage(program: Command, { version, notes }: { version: string; notes: string }): string {
  const name = program.name();
  const commands = program.createHelp().visibleCommands(program).flatMap(leaves);
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`,
    '.SH NAME',
    `${name} \\- ${roffText(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    '.I command\n[\\fIoptions\\fR]',
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandSection(command)),
    '.SH NOTES',
    roffText(notes.trim()),
    '',
  ].join('\n');
}

/** The command itself if it has no subcommands, else all its subcommands. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function commandSection(command: Command): string[] {
  const help = command.createHelp();
  const usage = `${commandPath(command)} ${command.registeredArguments.map(argumentText).join(' ')}`.trim();
  return [
    `.SS "${roffText(usage)}"`,
    `${roffText(sentence(command.description()))}`,
    ...command.registeredArguments.flatMap((argument) => item(argument.name(), argument.description, argument.defaultValue)),
    ...help
      .visibleOptions(command)
      .flatMap((option) => item(option.flags, help.optionDescription(bare(option)), option.defaultValue)),
  ];
}

/** Copy of an option without its default value, which `item` writes separately. */
function bare(option: Option): Option {
  return Object.assign(Object.create(Object.getPrototypeOf(option)), option, { defaultValue: undefined });
}

function commandPath(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${commandPath(parent)} ${command.name()}` : command.name();
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function item(term: string, text: string, byDefault: unknown): string[] {
  const rest = byDefault === undefined || byDefault === false ? '' : ` (default: ${String(byDefault)})`;
  return ['.TP', `\\fB${roffText(term)}\\fR`, roffText(sentence(text + rest))];
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Escapes a text for roff. */
function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
