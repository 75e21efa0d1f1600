// An MS4 that keeps the contract (packages/contracts/openapi/ms4.yaml), in a SQLite file.
//   npm install express@5 && MS4_TOKEN=a-long-secret node ms4-server.mjs
import { createHash, timingSafeEqual } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import express from 'express';

const { MS4_TOKEN = '', MS4_PORT = '4400', MS4_FILE = 'ms4.sqlite' } = process.env;
if (MS4_TOKEN === '') throw new Error('set MS4_TOKEN: the senders have to name it');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const db = new DatabaseSync(MS4_FILE);
db.exec(`CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, hash BLOB, answer TEXT)`);
const recall = db.prepare('SELECT hash, answer FROM answers WHERE key = ?');
const insert = db.prepare('INSERT OR IGNORE INTO records VALUES (?, ?)');
const refuse = (status, title, errors) => Object.assign(new Error(title), { status, errors });

/** All of a batch in one transaction, with its answer: whoever asks again gets the same. */
function storeBatch(key, bytes) {
  const hash = sha256(bytes);
  const known = recall.get(key);
  if (known && !hash.equals(known.hash)) throw refuse(409, 'The key had another body before');
  if (known) return JSON.parse(known.answer);
  const { batchId, items } = JSON.parse(bytes);
  if (batchId !== key) throw refuse(400, 'Idempotency-Key must be batchId');
  if (!(items?.length >= 1 && items.length <= 1000)) throw refuse(400, 'Send 1 to 1,000 items');
  const nameless = items.flatMap((item, index) =>
    typeof item?.id === 'string' ? [] : [{ pointer: `/items/${index}/id`, code: 'invalid_id' }],
  );
  if (nameless.length > 0) throw refuse(422, 'An item has no id', nameless);
  const results = items.map((item) => {
    // Your own checks belong here: `rejected` is for ever, `retry` for later, and neither stops the others.
    if (item.schemaVersion > 2) {
      return { id: item.id, status: 'rejected', error: { code: 'invalid_schemaVersion' } };
    }
    const { changes } = insert.run(item.id, JSON.stringify(item));
    return { id: item.id, status: changes === 1 ? 'stored' : 'duplicate' };
  });
  const answer = { batchId, results };
  db.prepare('INSERT INTO answers VALUES (?, ?, ?)').run(key, hash, JSON.stringify(answer));
  return answer;
}

const app = express().disable('x-powered-by');
app.get('/health', (_request, response) => response.json({}));
app.use(({ headers: { authorization = '' } }, _response, next) => {
  const isKnown = timingSafeEqual(sha256(authorization), sha256(`Bearer ${MS4_TOKEN}`));
  next(isKnown ? undefined : refuse(401, 'Unauthorized'));
});
// It undoes gzip. A batch has 1 MB, unless somebody configures more.
const body = express.raw({ type: 'application/json', limit: 16_000_000 });
app.post('/v1/batches', body, (request, response) => {
  db.exec('BEGIN IMMEDIATE');
  const answer = storeBatch(request.get('idempotency-key') ?? '', request.body ?? '');
  db.exec('COMMIT');
  response.status(answer.results.some(({ error }) => error) ? 207 : 200).json(answer);
});
app.get('/v1/messages/:id', ({ params: { id } }, response) => {
  const found = db.prepare('SELECT record FROM records WHERE id = ?').get(id);
  if (!found) throw refuse(404, 'No such record');
  response.type('json').send(found.record);
});
app.use((error, _request, response, _next) => {
  if (db.isTransaction) db.exec('ROLLBACK');
  const status = error.status ?? (error instanceof SyntaxError ? 400 : 500);
  // The text of an unforeseen error may quote mail.
  const title = error.status ? error.message : 'MS4 could not take it';
  response.status(status).type('application/problem+json');
  response.send(JSON.stringify({ title, status, errors: error.errors }));
});
app.listen(Number(MS4_PORT), '127.0.0.1');
