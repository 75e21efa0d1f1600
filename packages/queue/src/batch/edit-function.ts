/**
 * A script with the body of one of its include functions changed. BullMQ's includes start and end in column 0; what
 * they hold is indented.
 *
 * @throws when the script has no such function, or two: then it is not the script that was read
 */
export function editFunction(lua: string, name: string, edit: (body: string) => string): string {
  const [match, again] = lua.matchAll(
    new RegExp(`^(local function ${name}\\([^)]*\\)\\n)([\\s\\S]*?)(^end\\b)`, 'gm'),
  );
  if (!match || again) throw new Error(`the script has not just one function ${name}`);
  const [whole, head = '', body = '', end = ''] = match;
  const { index } = match;
  return lua.slice(0, index) + head + edit(body) + end + lua.slice(index + whole.length);
}
