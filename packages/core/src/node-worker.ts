import { parentPort } from 'node:worker_threads';
import { createWorkerHandler, type WorkerReply } from './wasm/worker-protocol.ts';

if (!parentPort) throw new Error('node-worker runs as a worker thread only');
const port = parentPort;
port.on(
  'message',
  createWorkerHandler((reply) => port.postMessage(reply)),
);
// A message that cannot be read has no other answer: without one, the pool would wait for ever.
port.on('messageerror', (error) => port.postMessage({ type: 'failed', message: error.message } satisfies WorkerReply));
