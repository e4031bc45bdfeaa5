import { AppError } from '@basketwise/core';
import { parseConfig } from '@basketwise/pipeline';
import { expect } from 'vitest';

/** The error by which a config is refused. */
export function refusalOf(text: string): AppError {
  try {
    parseConfig(text, 'basketwise.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('config');
    return error as AppError;
  }
  throw new Error('the config was accepted');
}

/** Problems of a config that is refused, as it says them. */
export function problemsOf(text: string): string {
  return refusalOf(text).message;
}
