/** From when to when mail was received, as `from` and `to` of a form. */
export function WindowFields({ end = 'now' }: { end?: string }) {
  return (
    <div class="pair">
      <label>
        From <span class="muted">(empty: the beginning)</span>
        <input name="from" type="datetime-local" />
      </label>
      <label>
        To <span class="muted">(empty: {end})</span>
        <input name="to" type="datetime-local" />
      </label>
    </div>
  );
}
