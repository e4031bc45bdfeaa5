import type { DuckdbEngine } from '@basketwise/data';
import type { InitAnswers, Survey } from './roles.ts';

/** Inputs of a step of the composition. */
export interface Composing {
  engine: DuckdbEngine;
  survey: Survey;
  choices: InitAnswers;
}
