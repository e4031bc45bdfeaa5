import { parentPort } from 'node:worker_threads';
import { createWorkerHandler, type WorkerReply } from './wasm/worker-pool.ts';

if (!parentPort) throw new Error('node-worker runs as a worker thread only');
const port = parentPort;
port.on(
  'message',
  createWorkerHandler((reply) => port.postMessage(reply)),
);
// A worker cannot answer an unreadable message. It reports a failure, because the pool waits for a reply.
port.on('messageerror', (error) => port.postMessage({ type: 'failed', message: error.message } satisfies WorkerReply));
