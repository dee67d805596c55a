// The rules for addresses of an application (contract of the server: src/directory/rules_url.c), said while somebody types.
// The server judges again; what is said here only comes sooner.
import type { Schemas } from '../../api/client';

const LONGEST = 2048;

interface Parts {
	readonly scheme: string;
	/** What stands behind "//"; null: there is none. */
	readonly authority: string | null;
	readonly rest: string;
}

function characterProblem(address: string): string | null {
	if (address.length > LONGEST) return `The address is longer than ${LONGEST} bytes.`;
	if (address.includes('*')) return 'There are no wildcards: register each address in full.';
	if (address.includes('#')) return 'A registered address has no fragment: leave “#” and the rest away.';
	const bad = /[^\x21-\x7e]|[\\"<>^`{|}]/u.exec(address);
	if (bad !== null) return bad[0] === ' ' ? 'An address has no spaces: percent-encode them as %20.' : `“${bad[0]}” cannot stand in an address: percent-encode it.`;
	if (/%(?![0-9A-Fa-f]{2})/.test(address)) return '“%” is not followed by two hexadecimal digits.';
	return null;
}

function partsOf(address: string): Parts | null {
	const cut = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?]*))?(.*)$/.exec(address);
	if (cut === null) return null;
	return { scheme: cut[1] ?? '', authority: cut[2] ?? null, rest: cut[3] ?? '' };
}

function hostAndPort(authority: string): { host: string } | null {
	const cut = /^(\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(authority);
	if (cut === null) return null;
	const port = cut[2] === undefined ? 1 : Number(cut[2]);
	return port >= 1 && port <= 65535 ? { host: cut[1] ?? '' } : null;
}

const loopback = ['127.0.0.1', '[::1]', 'localhost'];

/** What https and loopback http have in common; null: good. */
function webProblem(address: string, otherwise: (parts: Parts) => string | null): string | null {
	const wrong = characterProblem(address);
	if (wrong !== null) return wrong;
	const parts = partsOf(address);
	if (parts === null) return 'Write the address in full, with https:// in front.';
	const { scheme, authority } = parts;
	if (authority?.includes('@') === true) return 'A registered address has no user name in it: leave the part up to “@” away.';
	const where = authority === null ? null : hostAndPort(authority);
	const privateUse = scheme.includes('.');
	if (authority !== null && where === null && !(privateUse && authority === '')) return 'There is no good host and port behind “//”.';
	if (scheme === 'https' && where !== null) return null;
	if (scheme === 'http' && where !== null && loopback.includes(where.host)) return null;
	return otherwise(parts);
}

/** null: it may be registered. */
export function redirectProblem(platform: Schemas['Platform'], address: string): string | null {
	return webProblem(address, ({ scheme, authority, rest }) => {
		const privateUse = scheme.includes('.') && (authority !== null || rest.startsWith('/'));
		if (privateUse && platform === 'spa') return null;
		if (privateUse) return 'A private scheme is for the platform Single Page Application: a web application has an https:// address.';
		if (scheme === 'http') return 'http:// is good on 127.0.0.1, [::1] and localhost alone: write https://.';
		return platform === 'spa'
			? 'Write https://, http:// on 127.0.0.1, [::1] or localhost, or a private scheme with a period in it like com.example.app:/callback.'
			: 'Write https://, or http:// on 127.0.0.1, [::1] or localhost.';
	});
}

/** What is good but not what most people mean; null: nothing to say. */
export function redirectHint(address: string): string | null {
	const host = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?(?:[/?]|$)/.exec(address)?.[1];
	if (host === undefined) return null;
	return host === 'localhost' ? 'On localhost the port must be the same in each request.' : 'On this address requests may name any port.';
}

/** Addresses that the server fetches or posts to. */
export function serviceProblem(address: string): string | null {
	return webProblem(address, () => 'The server does not go there: write https://, or http:// on 127.0.0.1, [::1] or localhost.');
}

/** Errors by JSON pointer for a whole list. */
export function listProblems(member: string, lines: readonly string[], judge: (line: string) => string | null): Record<string, string> {
	const errors: Record<string, string> = {};
	lines.forEach((line, index) => {
		const wrong = judge(line) ?? (lines.indexOf(line) < index ? 'This address stands here twice.' : null);
		if (wrong !== null) errors[`/${member}/${index}`] = wrong;
	});
	return errors;
}
