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
  event: AlertEvent,
  format: AlertFormat,
  console: string | undefined,
): string {
  const { id, type, concern, since, at } = event;
  const text = type === 'began' ? concern.text : `Over: ${concern.text}`;
  const link = console && new URL('/console', console).href;
  switch (format) {
    case 'json':
      return JSON.stringify({
        type: `ms1.concern.${type}`,
        timestamp: new Date(at).toISOString(),
        data: { id, ...concern, since: new Date(since).toISOString(), console: link ?? null },
      });
    case 'slack':
      return JSON.stringify({
        text: link ? `${escapeSlack(text)} <${link}|Console>` : escapeSlack(text),
      });
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
                { type: 'TextBlock', wrap: true, text },
              ],
              ...(link && { actions: [{ type: 'Action.OpenUrl', title: 'Console', url: link }] }),
            },
          },
        ],
      });
  }
}

/** What an operator typed, as the name of a mailbox, must not mention a channel or look like a link. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colorOf({ type, concern }: AlertEvent): string {
  if (type === 'ended') return 'Good';
  return concern.level === 'stopped' ? 'Attention' : 'Warning';
}
