import type { TaskFailure, TaskName, TaskReply, TaskStage, Tasks } from './protocol.ts';

/** Error of a task that failed in the worker. */
export class TaskError extends Error {
  readonly failure: TaskFailure;

  constructor(failure: TaskFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface WaitingTask {
  resolve: (output: never) => void;
  reject: (error: TaskError) => void;
  onProgress: ((stage: TaskStage, share: number) => void) | undefined;
}

/** Client of the page for its worker. `restart` ends the running computation. */
export class EngineClient {
  #worker: Worker;
  #waiting = new Map<number, WaitingTask>();
  #next = 0;

  constructor() {
    this.#worker = this.#spawn();
  }

  /** Runs a task in the worker. @throws TaskError if the task fails */
  run<Name extends TaskName>(
    name: Name,
    input: Tasks[Name]['input'],
    onProgress?: (stage: TaskStage, share: number) => void,
  ): Promise<Tasks[Name]['output']> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, name, input });
    });
  }

  /** Ends the worker and all its tasks. Their promises stay unsettled. The sample bank must be opened again. */
  restart(): void {
    this.#worker.terminate();
    this.#waiting = new Map();
    this.#worker = this.#spawn();
  }

  #spawn(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<TaskReply>) => this.#answer(data);
    worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new TaskError({ key: null, values: {}, message: event.message || 'the worker ended', hint: '' }));
      }
      this.#waiting = new Map();
    };
    return worker;
  }

  #answer(reply: TaskReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if (reply.type === 'progress') {
      waiting.onProgress?.(reply.stage, reply.share);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.type === 'done') waiting.resolve(reply.output as never);
    else waiting.reject(new TaskError(reply.failure));
  }
}
