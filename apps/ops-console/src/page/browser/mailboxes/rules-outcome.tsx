import type { AnswerOf } from '@ms1/console-api';
import { Ago } from '../moment.tsx';
import { counted } from '../words.ts';

type Result = NonNullable<AnswerOf<'GET /rules-tests/:id'>['result']>;

/** What rules would have done with the latest mail: in all, by rule, and each that they decline. */
export function RulesOutcome({ result }: { result: Result }) {
  const { tested, taken, unread, rules, messages } = result;
  const declined = messages.filter(({ declinedBy }) => declinedBy.length > 0);
  if (tested === 0) return <p>There is no mail in the folders that are read.</p>;
  return (
    <>
      <p>
        <strong>
          {taken} of {counted(tested, 'message is', 'messages are')} taken.
        </strong>
        {unread > 0 && ` ${unread} could not be read.`}
      </p>
      <ul>
        {Object.entries(rules).map(([rule, many]) => (
          <li key={rule}>
            <code>{rule}</code> declines {many}
          </li>
        ))}
      </ul>
      {declined.length > 0 && (
        <table>
          <caption class="sr">Messages that would be declined, the latest first</caption>
          <thead>
            <tr>
              <th scope="col">Received</th>
              <th scope="col">Declined by</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {declined.map(({ key, receivedAt, declinedBy, now, webLink }) => (
              <tr key={key}>
                <th scope="row">
                  {receivedAt ? <Ago at={receivedAt} /> : 'unknown'}{' '}
                  {webLink?.startsWith('https://') && (
                    <a href={webLink} target="_blank" rel="noreferrer">
                      Open in Outlook<span class="sr"> (another tab)</span>
                    </a>
                  )}
                </th>
                <td>{declinedBy.join(', ')}</td>
                <td>{now ?? 'not known'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
