import { type Command, type Commands, EXIT, UsageError } from '../command.ts';
import { GLOBAL_OPTIONS } from '../command-line.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** @param commands asked when it runs: it is one of them */
export function completionCommands(commands: () => Commands): Record<string, Command> {
  return {
    completion: {
      args: '<shell>',
      about: `the completion script for ${SHELLS.join(', ')}: source <(ms1 completion bash)`,
      run: ({ positionals: [shell], terminal }) => {
        if (!SHELLS.some((known) => known === shell)) {
          throw new UsageError(`name the shell: ${SHELLS.join(', ')}`);
        }
        const words = wordsOf(commands());
        terminal.line(shell === 'fish' ? fish(words) : bash(words, shell === 'zsh'));
        return Promise.resolve(EXIT.ok);
      },
    },
  };
}

/** What may follow each beginning of a line: `''`, `dead`, `dead list`. */
function wordsOf(commands: Commands): Map<string, string[]> {
  const words = new Map<string, string[]>([['', []]]);
  const add = (after: string, word: string): void => {
    const known = words.get(after) ?? [];
    if (!known.includes(word)) words.set(after, [...known, word]);
  };
  for (const [name, { options = {} }] of Object.entries(commands)) {
    const [first = '', second] = name.split(' ');
    add('', first);
    if (second !== undefined) add(first, second);
    for (const option of Object.keys({ ...options, ...GLOBAL_OPTIONS })) add(name, `--${option}`);
  }
  return words;
}

/** zsh runs bash's through its own bashcompinit. */
function bash(words: ReadonlyMap<string, string[]>, zsh: boolean): string {
  const cases = [...words]
    .filter(([after]) => after !== '')
    .map(([after, following]) => `    '${after}') words='${following.join(' ')}' ;;`);
  return [
    ...(zsh ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_ms1() {',
    '  local words current="${COMP_WORDS[COMP_CWORD]}"',
    '  local one="${COMP_WORDS[1]}" two="${COMP_WORDS[1]} ${COMP_WORDS[2]}"',
    '  case "$COMP_CWORD" in',
    `    1) words='${(words.get('') ?? []).join(' ')}' ;;`,
    '    *) case "$two" in',
    ...cases.filter((line) => / '\w+ \w+'\)/.test(line)),
    '    *) case "$one" in',
    ...cases.filter((line) => / '\w+'\)/.test(line)),
    '    esac ;; esac ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _ms1 ms1',
  ].join('\n');
}

function fish(words: ReadonlyMap<string, string[]>): string {
  return [...words]
    .flatMap(([after, following]) => {
      const seen = after
        .split(' ')
        .filter(Boolean)
        .map((word) => `__fish_seen_subcommand_from ${word}`);
      const when = seen.length > 0 ? seen.join('; and ') : '__fish_use_subcommand';
      return following.map((word) =>
        word.startsWith('--')
          ? `complete -c ms1 -n '${when}' -l ${word.slice(2)}`
          : `complete -c ms1 -f -n '${when}' -a ${word}`,
      );
    })
    .join('\n');
}
