/** What was typed into a field. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** The moment in a field that is in this browser's time; null: it is empty. */
export function momentOf(form: FormData, name: string): string | null {
  const value = textOf(form, name);
  return value === '' ? null : new Date(value).toISOString();
}
