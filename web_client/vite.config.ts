import { defineConfig } from 'vite';

// Girder loads plugins one after the other as classic scripts, so the client is one UMD file.
export default defineConfig({
  build: {
    outDir: '../plugin/girder_tiles/web_client',
    emptyOutDir: true,
    cssCodeSplit: false,
    // OpenSeadragon's licence asks that its notice travels with every copy.
    license: { fileName: 'licenses.md' },
    lib: {
      entry: 'src/main.ts',
      name: 'GirderTiles',
      formats: ['umd'],
      fileName: 'girder-tiles',
      cssFileName: 'style',
    },
  },
});
