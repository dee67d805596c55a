// Prints what a browser has to load, gzipped, and fails where the script is heavier than it may be.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT = 350 * 1024;
const dist = new URL('../dist/', import.meta.url).pathname;

const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const sums = {};
for (const file of files) {
	const kind = extname(file.name);
	sums[kind] = (sums[kind] ?? 0) + gzipSync(readFileSync(join(file.parentPath, file.name)), { level: 9 }).length;
}
for (const [kind, bytes] of Object.entries(sums)) console.log(`${kind}: ${(bytes / 1024).toFixed(1)} KiB gzipped`);
if ((sums['.js'] ?? 0) > LIMIT) {
	console.error(`The script weighs more than ${LIMIT / 1024} KiB gzipped: find out what grew.`);
	process.exit(1);
}
