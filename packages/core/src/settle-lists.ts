import type { Address, KernelMemory } from './memory.ts';
import type { TopN } from './model.ts';

/** Releases everything since `mark` except `lists`, which move down to it. */
export function settleLists(memory: KernelMemory, mark: Address, lists: TopN): TopN {
  const { rows, n } = lists;
  const count = memory.u32(lists.count, rows).slice();
  const column = memory.u32(lists.column, rows * n).slice();
  const score = memory.f32(lists.score, rows * n).slice();
  memory.release(mark);
  return { rows, n, count: memory.store(count), column: memory.store(column), score: memory.store(score) };
}
