/** What the machine itself does to an answer: a server that answers 202 and does nothing. Its port is its argument. */
import { createServer } from 'node:http';

createServer((req, res) => {
  req.resume();
  req.once('end', () => res.writeHead(202).end());
}).listen(Number(process.argv[2]), '127.0.0.1');
