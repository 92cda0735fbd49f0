import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { documentation } from './build/docs.ts';
import { operations } from './build/operations.ts';
import { verification } from './build/verification.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const apis = ['openapi', 'openapi-module', 'openapi-centre'].map((name) => at(`../../docs/${name}.json`));

export default defineConfig({
  root: at('web'),
  base: '/',
  plugins: [react(), operations(apis), documentation(at('../..'))],
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: at('dist'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  worker: {
    format: 'es',
    plugins: () => [operations(apis), verification((file) => at(`web/verify/${file}`))],
  },
});
