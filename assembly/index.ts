export * from './basket-order';
export * from './baskets';
export * from './csr';
export * from './kmeans';
export * from './memory';
export * from './points';
export * from './similarity';
export * from './topn';
