import { expect, test } from 'vitest';
import config, { demoPolicy } from '../../../packages/demo/vite.config.ts';

test('the built page of the demo loads and runs nothing but its own files', () => {
  const policy = new Map(demoPolicy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]));
  expect(policy.get('default-src')).toEqual(["'none'"]);
  expect(policy.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
  for (const [name, sources] of policy) {
    if (name !== 'style-src') expect(sources).not.toContain("'unsafe-inline'");
    for (const source of sources)
      expect(["'none'", "'self'", "'unsafe-inline'", "'wasm-unsafe-eval'", 'data:']).toContain(source);
  }
});

test('the policy stands before all else in the head', () => {
  const [plugin] = config.plugins as unknown as { apply: string; transformIndexHtml: () => unknown }[];
  expect(plugin!.apply).toBe('build');
  expect(plugin!.transformIndexHtml()).toEqual([
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: demoPolicy }, injectTo: 'head-prepend' },
  ]);
});
