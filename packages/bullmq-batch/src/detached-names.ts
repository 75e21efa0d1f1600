/** What a Lua script may use without declaring it: Lua's own names, Redis's, and `rcall`, which the wrapper declares. */
const GLOBALS = new Set(
  `redis cmsgpack cjson struct bit tonumber tostring type ipairs pairs unpack pcall error math string table next select
  assert setmetatable rawget rcall`.split(/\s+/),
);

const KEYWORDS = new Set(
  `and break do else elseif end false for function if in local nil not or repeat return then true until while`.split(
    /\s+/,
  ),
);

/**
 * The names that Lua text reads and nobody in it declares: after lifting functions out of a script these would be the
 * script's own locals, now out of reach. Declarations count wherever they stand (`local`, parameters, `for`, function
 * names), so a name that is declared in one function and leaks into another is not found; Redis itself refuses those at
 * run time ("attempted to access nonexistent global variable").
 */
export function detachedNames(lua: string): string[] {
  const tokens = tokenize(lua);
  const declared = declaredNames(tokens);
  const free = new Set<string>();
  tokens.forEach((token, i) => {
    if (!/^[A-Za-z_]/.test(token) || KEYWORDS.has(token)) return;
    const before = tokens[i - 1];
    const isField = before === '.' || before === ':';
    const isTableKey = tokens[i + 1] === '=' && (before === '{' || before === ',');
    if (!isField && !isTableKey && !GLOBALS.has(token) && !declared.has(token)) free.add(token);
  });
  return [...free];
}

function declaredNames(tokens: readonly string[]): Set<string> {
  const declared = new Set<string>();
  const takeList = (from: number, isEnd: (token: string) => boolean): void => {
    for (let i = from; i < tokens.length; i += 1) {
      const token = tokens[i] ?? '';
      if (isEnd(token)) return;
      if (token !== ',') declared.add(token);
    }
  };
  const notNameOrComma = (token: string): boolean =>
    !/^[A-Za-z_]|^,$/.test(token) || KEYWORDS.has(token);
  tokens.forEach((token, i) => {
    const next = tokens[i + 1] ?? '';
    if (token === 'local' && next !== 'function') takeNames(i + 1);
    if (token === 'for') takeList(i + 1, (end) => end === 'in' || end === '=');
    if (token === 'function') {
      const open = tokens.indexOf('(', i);
      for (const name of tokens.slice(i + 1, open)) declared.add(name);
      takeList(open + 1, (end) => end === ')');
    }
  });
  return declared;

  /** `local a, b` ends where two names follow each other without a comma: the next statement has begun. */
  function takeNames(from: number): void {
    for (let i = from; i < tokens.length; i += 2) {
      const name = tokens[i] ?? '';
      if (notNameOrComma(name)) return;
      declared.add(name);
      if (tokens[i + 1] !== ',') return;
    }
  }
}

/** Names, numbers and punctuation; comments and the insides of strings are dropped. */
function tokenize(lua: string): string[] {
  const code = lua
    .replace(/--\[\[[\s\S]*?\]\]/g, ' ')
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""')
    .replace(/--.*$/gm, ' ');
  return code.match(/[A-Za-z_]\w*|\d[\w.]*|==|~=|<=|>=|\.\.\.?|""|\S/g) ?? [];
}
