import { defineConfig, type Plugin } from 'vite';

/**
 * Content security policy of the built page: only its own scripts, workers and files, and WebAssembly. No inline script.
 * The development server has no policy, because it puts inline scripts into the page.
 */
export const demoPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const policy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: demoPolicy }, injectTo: 'head-prepend' },
  ],
};

export default defineConfig({
  // Relative addresses: the folder works at any path of a file host.
  base: './',
  plugins: [policy],
  oxc: { jsx: { importSource: 'preact' } },
  build: { target: 'es2022', outDir: 'dist', assetsInlineLimit: 0 },
  worker: { format: 'es' },
  preview: { host: '127.0.0.1' },
  server: { host: '127.0.0.1' },
});
