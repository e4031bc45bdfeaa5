export * from './memory';
export * from './topn';
