// The little of Node.js that tests use: its whole types would let the console itself use what no browser has.
declare module 'node:child_process' {
	export function execFileSync(file: string, words: readonly string[], options: { env: Record<string, string>; encoding: 'utf8' }): string;
}
declare module 'node:crypto' {
	export function createHash(algorithm: 'sha256'): { update(text: string): { digest(encoding: 'base64url'): string } };
}
