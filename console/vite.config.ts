import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';

// For `npx vite`: the server that the development console administers (its --auth-url is this origin then, see README.md).
const server = loadEnv('', '.', 'WRIT').WRIT_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
	base: '/console/',
	plugins: [react()],
	build: {
		target: 'es2022',
		modulePreload: { polyfill: false },
		assetsInlineLimit: 0,
		// One file a library and one a room: what changes seldom stays in the browser's cache.
		rolldownOptions: {
			output: {
				codeSplitting: {
					groups: [
						{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
						{ name: 'session', test: /node_modules[\\/](oidc-client-ts|jwt-decode)[\\/]/ },
						{ name: 'parts', test: /node_modules[\\/]/ },
					],
				},
			},
		},
	},
	server: {
		proxy: {
			'^/(admin|system|\\.well-known|errors|console/configuration.json)': { target: server, xfwd: false },
		},
	},
	test: { include: ['src/**/*.test.ts'] },
});
