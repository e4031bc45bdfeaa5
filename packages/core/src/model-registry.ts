import { alsFromState } from './als-model.ts';
import { AppError } from './error.ts';
import { linearModelOf } from './linear-model.ts';
import type { Model, ModelState } from './model.ts';
import { popularityOf } from './popularity.ts';

/** What makes a model of its state, by kind. A new kind of model adds a line. */
const makers: Readonly<Record<string, (state: ModelState) => Model>> = {
  als: alsFromState,
  ease: linearModelOf,
  'item-knn': linearModelOf,
  popularity: popularityOf,
};

/**
 * The model that a state describes.
 * @throws AppError bad-data where the kind is unknown or the state is not complete
 */
export function modelFromState(state: ModelState): Model {
  if (!Object.hasOwn(makers, state.kind)) {
    const known = Object.keys(makers).join(', ');
    throw new AppError('bad-data', `model file: unknown kind of model '${state.kind}'`, `This version knows: ${known}.`);
  }
  return makers[state.kind]!(state);
}
