export * from './csr';
export * from './memory';
export * from './topn';
