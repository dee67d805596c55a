// A token, taken apart; and its claims in words. Nothing is verified here: the server says whether it is good.
import { durationSaid, timeExact } from '../../parts/Ago';

type Json = Readonly<Record<string, unknown>>;

interface Decoded {
	readonly header: Json;
	readonly claims: Json;
}

function part(text: string): Json | null {
	try {
		const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
		const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
	} catch {
		return null;
	}
}

/** null: it is no JWT that is signed. */
export function decode(token: string): Decoded | null {
	const parts = token.split('.');
	if (parts.length !== 3) return null;
	const header = part(parts[0] ?? '');
	const claims = part(parts[1] ?? '');
	return header === null || claims === null ? null : { header, claims };
}

export interface Claim {
	readonly name: string;
	readonly value: string;
	/** What it says, or ''. */
	readonly words: string;
}

const fixed: Readonly<Record<string, string>> = {
	iss: 'Who issued it: the realm',
	aud: 'Whom it is for: others refuse it',
	sub: 'Whom it names',
	client_id: 'The client application that asked for it',
	azp: 'The client application that asked for it',
	scope: 'What was granted',
	jti: 'Its own id: no other token has it',
	gid: 'The grant that it is a part of: ending that ends the token',
	sid: 'The session in which the person signed in',
	partition: 'The partition that it is of',
	acr: 'How sure the sign-in was',
	amr: 'How the person signed in',
	nonce: 'What the application sent along, to know its own',
	at_hash: 'Binds it to its access token',
	alg: 'What it is signed with',
	kid: 'Which of the partition’s keys signed it',
};

const kinds: Readonly<Record<string, string>> = {
	'at+jwt': 'An access token (RFC 9068)',
	JWT: 'A JSON Web Token',
};

const actors: Readonly<Record<string, string>> = {
	user: 'It speaks for a user',
	customer: 'It speaks for a customer',
	anonymous_customer: 'It speaks for a customer who is not signed in',
	client: 'It speaks for the client application itself',
};

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : JSON.stringify(value);
}

function wordsOf(name: string, value: unknown, now: number): string {
	if (name === 'typ') return kinds[textOf(value)] ?? '';
	if (name === 'actor') return actors[textOf(value)] ?? '';
	if (name === 'act') return 'It is on behalf of: this client application acts for the person';
	if (typeof value === 'number' && ['exp', 'iat', 'nbf', 'auth_time', 'updated_at'].includes(name)) {
		const at = timeExact(new Date(value * 1000).toISOString());
		if (name === 'exp') return value > now ? `Good until ${at}: for ${durationSaid(Math.round(value - now))} more` : `Was good until ${at}: it has expired`;
		if (name === 'auth_time') return `The password was given ${at}`;
		if (name === 'updated_at') return `The person was changed ${at}`;
		return name === 'iat' ? `Issued ${at}` : `Not good before ${at}`;
	}
	return fixed[name] ?? '';
}

/** In the order in which they stand in the token. now: seconds. */
export function claimsSaid(claims: Json, now: number): Claim[] {
	return Object.entries(claims).map(([name, value]) => ({ name, value: textOf(value), words: wordsOf(name, value, now) }));
}
