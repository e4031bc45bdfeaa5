import { createWorkerHandler } from './wasm/worker-pool.ts';

globalThis.onmessage = (event: MessageEvent) => handle(event.data);
const handle = createWorkerHandler((reply) => globalThis.postMessage(reply));
