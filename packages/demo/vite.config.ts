import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses: the folder works wherever a file host puts it.
  base: './',
  oxc: { jsx: { importSource: 'preact' } },
  build: { target: 'es2022', outDir: 'dist', assetsInlineLimit: 0 },
  worker: { format: 'es' },
  preview: { host: '127.0.0.1' },
  server: { host: '127.0.0.1' },
});
