import type { Address, KernelMemory } from './memory.ts';
import type { TopN } from './model.ts';
import { allocateTopN } from './topn.ts';

/** Releases everything since `mark` except `lists`, which move down to it (in place: they may fill most of the memory). */
export function settleLists(memory: KernelMemory, mark: Address, lists: TopN): TopN {
  memory.release(mark);
  const { rows, n } = lists;
  const settled = allocateTopN(memory, rows, n);
  const bytes = new Uint8Array(memory.memory.buffer);
  bytes.copyWithin(settled.count, lists.count, lists.count + rows * 4);
  bytes.copyWithin(settled.column, lists.column, lists.column + rows * n * 4);
  bytes.copyWithin(settled.score, lists.score, lists.score + rows * n * 4);
  return settled;
}
