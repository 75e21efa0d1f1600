import { type DailySummary, summaryLines } from './daily-summary.ts';
import type { AlertEvent } from './tell-concerns.ts';

export type AlertFormat = 'json' | 'slack' | 'teams';

/**
 * The body of a POST.
 *
 * json   `{type, timestamp, data}`, as Standard Webhooks names it
 * slack  an incoming webhook's
 * teams  an adaptive card in a message, as a workflow of Teams takes it
 *
 * @param console where people look further; undefined: nobody said where it is
 */
export function renderAlert(
  event: AlertEvent | DailySummary,
  format: AlertFormat,
  console: string | undefined,
): string {
  const link = console && new URL('/console', console).href;
  const lines = linesOf(event);
  switch (format) {
    case 'json':
      return JSON.stringify({
        timestamp: new Date(event.at).toISOString(),
        ...documentOf(event, link ?? null),
      });
    case 'slack': {
      const text = escapeSlack(lines.join('\n'));
      return JSON.stringify({ text: link ? `${text} <${link}|Console>` : text });
    }
    case 'teams':
      return JSON.stringify({
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
              type: 'AdaptiveCard',
              version: '1.4',
              body: [
                {
                  type: 'TextBlock',
                  wrap: true,
                  weight: 'Bolder',
                  color: colorOf(event),
                  text: 'ms1-email-ingestor',
                },
                ...lines.map((text) => ({ type: 'TextBlock', wrap: true, text })),
              ],
              ...(link && { actions: [{ type: 'Action.OpenUrl', title: 'Console', url: link }] }),
            },
          },
        ],
      });
  }
}

function linesOf(event: AlertEvent | DailySummary): string[] {
  if (event.type === 'summary') return summaryLines(event);
  return [event.type === 'began' ? event.concern.text : `Over: ${event.concern.text}`];
}

function documentOf(event: AlertEvent | DailySummary, console: string | null): object {
  if (event.type === 'summary') {
    const { id, day, all, mailboxes } = event;
    return { type: 'ms1.summary', data: { id, day, all, mailboxes, console } };
  }
  const { id, type, concern, since } = event;
  const data = { id, ...concern, since: new Date(since).toISOString(), console };
  return { type: `ms1.concern.${type}`, data };
}

/** What an operator typed, as the name of a mailbox, must not mention a channel or look like a link. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colorOf(event: AlertEvent | DailySummary): string {
  if (event.type === 'summary') return event.all.unexplained > 0 ? 'Attention' : 'Default';
  if (event.type === 'ended') return 'Good';
  return event.concern.level === 'stopped' ? 'Attention' : 'Warning';
}
