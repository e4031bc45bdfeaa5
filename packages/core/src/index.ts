export { type BasketEntry, type BasketRow, type BasketTable, packEntry, tableFromRows, unpackEntry } from './basket-table.ts';
export { codeOrder, compareCodes } from './code-order.ts';
export { AppError, type ErrorCode, exitCodes } from './error.ts';
export { type KernelArguments, type KernelName, kernelHash } from './kernels.ts';
export { type Address, KernelMemory } from './memory.ts';
export type { Explanation, HeldProduct, Model, ModelState, RowRange, ScoreRequest, TopN, TrainingSet } from './model.ts';
export { createInlinePool, type KernelPool } from './pool.ts';
export { allocateTopN, topNConstant, topNDense, topNLinear } from './topn.ts';
