import { centresMethod } from './centres.ts';

/** Means of numbers; categories as columns of 0 and 1. */
export const kmeans = centresMethod('kmeans', 'one-hot');
