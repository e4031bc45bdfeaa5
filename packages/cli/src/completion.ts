import type { Command, Option } from 'commander';

/** Shell for which a completion script can be made. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** These shells, in the order of the help. */
export const shells: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** One command, as a completion script needs it. */
interface Completed {
  /** Words after the program's name, such as `run` or `cluster fit`. Empty for the program itself. */
  path: string;
  text: string;
  commands: { name: string; text: string }[];
  options: { long: string; short: string | undefined; text: string; takes: 'nothing' | 'file' | 'text' }[];
}

/**
 * Script by which a shell completes a program's commands, options and files, made from its parser. The script is complete in
 * itself: it does not run the program.
 */
export function completionScript(program: Command, shell: Shell): string {
  return { bash, zsh, fish }[shell](program.name(), completed(program, ''));
}

function completed(command: Command, path: string): Completed[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const own: Completed = {
    ...{ path, text: command.description(), options: help.visibleOptions(command).map(optionOf) },
    commands: commands.map((one) => ({ name: one.name(), text: one.description() })),
  };
  return [own, ...commands.flatMap((one) => completed(one, `${path} ${one.name()}`.trim()))];
}

function optionOf({ long, short, description, required, optional, flags }: Option): Completed['options'][number] {
  const takes = !required && !optional ? 'nothing' : /<(file|folder|out)>|<dir>/.test(flags) ? 'file' : 'text';
  return { long: long!, short: short ?? undefined, text: description, takes };
}

const spellings = (options: Completed['options']) => options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]);

function bash(name: string, commands: readonly Completed[]): string {
  const cases = commands.map(({ path, commands: below, options }) => {
    const names = below.map((one) => one.name).join(' ');
    const taking = spellings(options.filter(({ takes }) => takes !== 'nothing')).join(' ');
    return `    '${path}') names='${names}'; options='${spellings(options).join(' ')}'; taking='${taking}' ;;`;
  });
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path.includes(' ') ? path : ` ${path}`}'`);
  return `# bash completion of ${name}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command='' names='' options='' taking='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
    ${paths.join(' | ')}) command="\${command:+$command }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$command" in
${cases.join('\n')}
  esac
  COMPREPLY=()
  # what takes a value gets files, which is bash's own default
  case " $taking " in *" $previous "*) return ;; esac
  if [[ $current == -* ]]; then names=$options; fi
  mapfile -t COMPREPLY < <(compgen -W "$names" -- "$current")
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}

function zsh(name: string, commands: readonly Completed[]): string {
  const quoted = (text: string) =>
    `'${text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:')}'`;
  const functionOf = (path: string) => `_${[name, ...path.split(' ').filter(Boolean)].join('_').replaceAll('-', '_')}`;
  const functions = commands.map(({ path, commands: below, options }) => {
    const specs = options.map(({ long, short, text, takes }) => {
      const value = takes === 'nothing' ? '' : takes === 'file' ? ':file:_files' : ':value: ';
      const spelled = short ? `'(${short} ${long})'{${short},${long}}` : long;
      return `${spelled}'['${quoted(text)}']${value}'`;
    });
    const lines = specs.map((spec) => `    ${spec} \\\n`).join('');
    if (below.length === 0) return `${functionOf(path)}() {\n  _arguments \\\n${lines}    '*:file:_files'\n}`;
    const described = below.map((one) => `      ${quoted(one.name)}':'${quoted(one.text)}`).join('\n');
    const branches = below.map((one) => `      ${one.name}) ${functionOf(`${path} ${one.name}`.trim())} ;;`).join('\n');
    return `${functionOf(path)}() {
  local state line
  _arguments -C \\
${lines}    '1: :->command' '*:: :->rest'
  case $state in
  command)
    local -a commands=(
${described}
    )
    _describe command commands ;;
  rest)
    case $line[1] in
${branches}
    esac ;;
  esac
}`;
  });
  return `#compdef ${name}\n${functions.join('\n')}\ncompdef _${name} ${name}\n`;
}

function fish(name: string, commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const names = (path: string) => commands.find((one) => one.path === path)!.commands.map((one) => one.name);
  const lines = commands.flatMap(({ path, commands: below, options }) => {
    const seen = path
      .split(' ')
      .filter(Boolean)
      .map((one) => `__fish_seen_subcommand_from ${one}`);
    const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names(path).join(' ')}`];
    const where = `-n ${quoted([...seen, ...none].join('; and '))}`;
    return [
      ...below.map((one) => `complete -c ${name} -f ${where} -a ${one.name} -d ${quoted(one.text)}`),
      ...options.map(({ long, short, text, takes }) => {
        const value = takes === 'nothing' ? '' : takes === 'file' ? ' -r -F' : ' -x';
        return `complete -c ${name} ${where} -l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ''}${value} -d ${quoted(text)}`;
      }),
    ];
  });
  return `# fish completion of ${name}\n${lines.join('\n')}\n`;
}
