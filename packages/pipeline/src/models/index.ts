export { type Available, type Candidate, candidates, lookups } from '../evaluation/candidates.ts';
export { type Chosen, type Compare, chooseModel, type Trial, tuneCandidate } from '../evaluation/choose-model.ts';
export { fitSpec, type LearningData } from './fit-spec.ts';
export { type BlendMemberSpec, type ModelSpec, needsAcquisitions, scaleOf } from './model-spec.ts';
