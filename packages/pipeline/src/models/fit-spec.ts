import {
  type AlsOptions,
  AppError,
  createBlend,
  fitAls,
  fitAlsAfter,
  fitBpr,
  fitEase,
  fitItemKnn,
  fitLookup,
  fitLookupNext,
  fitPopularity,
  fitRules,
  type Model,
  type TrainingSet,
} from '@basketwise/core';
import { constantName } from './constant.ts';
import type { AlsSpec, ModelSpec } from './model-spec.ts';

/** All that models may learn from. */
export interface LearningData {
  /** Baskets: products, contexts and the constant as pseudo-products. */
  holdings: TrainingSet;
  /** Acquisitions of the last year in the same columns (see core's `acquiredBand`), where holdings have dates. */
  acquisitions?: TrainingSet;
  /** Weight of each recency band of the holdings; the constant's band follows them, then that of the contexts. */
  bandWeights: readonly number[];
}

/** Names of the pseudo-products other than the constant. */
function contextNames({ table }: TrainingSet): string[] {
  return table.columns.slice(table.columns.length - table.pseudoColumns).filter((name) => name !== constantName);
}

function needAcquisitions({ acquisitions }: LearningData, spec: ModelSpec): TrainingSet {
  if (acquisitions !== undefined) return acquisitions;
  throw new AppError(
    'config',
    `${spec.kind} needs the dates of acquisitions`,
    'Name the date column of holdings, or choose another model.',
  );
}

/** Values by band for models that count every holding as one. */
function bandValues({ bandWeights }: LearningData, constant: number, context: number): Float64Array {
  const value = new Float64Array(256).fill(1);
  value[bandWeights.length] = constant;
  value[bandWeights.length + 1] = context;
  return value;
}

function alsParameters({ kind: _, constant, ...parameters }: AlsSpec, weights: readonly number[]) {
  return { ...parameters, weights, pseudoWeights: [constant, 0] };
}

/** The models of an ALS spec with each of these numbers of iterations, for the work of the largest. */
export function fitAlsSpec(
  { holdings, bandWeights }: LearningData,
  spec: AlsSpec,
  iterations: readonly number[],
): Promise<Model[]> {
  return fitAlsAfter(holdings, alsParameters(spec, bandWeights), iterations);
}

/**
 * Fits any kind of model; `options` are those of ALS. Models inside it that are in `inner` (by the very object of their spec) are not fitted again, and
 * those that are not come into it.
 * @throws AppError config where a parameter is out of range, or the model needs dates that there are not.
 */
export async function fitSpec(
  data: LearningData,
  spec: ModelSpec,
  options: AlsOptions = {},
  inner = new Map<ModelSpec, Model>(),
): Promise<Model> {
  const { holdings, bandWeights } = data;
  const fitInner = async (of: ModelSpec) => {
    const model = inner.get(of) ?? (await fitSpec(data, of, options, inner));
    inner.set(of, model);
    return model;
  };
  switch (spec.kind) {
    case 'als':
      return fitAls(holdings, alsParameters(spec, bandWeights), options);
    case 'bpr':
      return fitBpr(holdings, spec);
    case 'ease':
      return fitEase(holdings, { regularization: spec.regularization, value: bandValues(data, spec.constant, spec.context) });
    case 'item-knn':
      return fitItemKnn(holdings, spec);
    case 'popularity': {
      const training = spec.of === 'holders' ? holdings : needAcquisitions(data, spec);
      const by = spec.by === 'recency' ? { byRecency: true } : spec.by === 'context' ? { contexts: contextNames(holdings) } : {};
      return fitPopularity(training, { of: spec.of, prior: spec.prior ?? 10, ...by });
    }
    case 'rules':
      return fitRules(holdings, spec);
    case 'lookup':
      return fitLookup(holdings, await fitInner(spec.base), spec);
    case 'lookup-next':
      return fitLookupNext(needAcquisitions(data, spec), await fitInner(spec.base), spec);
    case 'blend': {
      const members = [];
      for (const { model, scale, weight } of spec.members) members.push({ model: await fitInner(model), scale, weight });
      return createBlend(members);
    }
  }
}
