import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { serviceWorker } from './sw/plugin.ts'

/** Where the development server finds the API: a stack of `./ecomweb up`, or one colour of it. */
const api = process.env.ECOMWEB_API ?? 'http://localhost:3001'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), serviceWorker()],
  build: {
    outDir: fileURLToPath(new URL('../../build/web', import.meta.url)),
    emptyOutDir: true,
    // Nothing as data: the content security policy names files of this origin only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: api, ws: true }, '/reports-api': { target: api } } },
})
