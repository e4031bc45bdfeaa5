import { parentPort } from 'node:worker_threads';
import { createWorkerHandler } from './wasm/worker-protocol.ts';

if (!parentPort) throw new Error('node-worker runs as a worker thread only');
const port = parentPort;
port.on(
  'message',
  createWorkerHandler((reply) => port.postMessage(reply)),
);
