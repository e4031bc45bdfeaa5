export { coreQuota, createNodePool, openCore, usableCores } from './node.ts';
export * from './parts.ts';
