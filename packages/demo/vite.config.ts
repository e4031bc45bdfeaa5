import { defineConfig, type Plugin } from 'vite';

/**
 * Content security policy of the built page: its own scripts, workers and files, WebAssembly, and nothing from elsewhere; no inline script. The
 * server for development puts inline scripts into the page, so it goes without.
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
  // Relative addresses: the folder works wherever a file host puts it.
  base: './',
  plugins: [policy],
  oxc: { jsx: { importSource: 'preact' } },
  build: { target: 'es2022', outDir: 'dist', assetsInlineLimit: 0 },
  worker: { format: 'es' },
  preview: { host: '127.0.0.1' },
  server: { host: '127.0.0.1' },
});
