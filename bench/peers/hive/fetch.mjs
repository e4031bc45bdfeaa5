// Fetches a table as Basketwise does: fetch.mjs nosasl|none PORT TABLE. Prints rows, rows per second and the most memory in MB.
import { HiveEngine } from '../../../packages/hive/dist/server/engine.js';

const [auth, port, table] = process.argv.slice(2);
const engine = new HiveEngine({
  ...{ host: '127.0.0.1', port: Number(port), database: 'default', auth: auth === 'NOSASL' ? 'nosasl' : 'plain', user: 'hive' },
  ...{ password: 'x', transport: 'binary', connectTimeout: 10_000, statementTimeout: 600_000 },
});
// the session, which the peers also open before their clock runs
await engine.tables();
const start = performance.now();
let rows = 0;
for await (const batch of engine.query(`SELECT * FROM ${table}`)) rows += batch.rows;
const perSecond = (rows / (performance.now() - start)) * 1000;
await engine.close();
console.log(JSON.stringify({ rows, perSecond, megabytes: process.resourceUsage().maxRSS / 1024 }));
