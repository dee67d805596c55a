// What a program of this application sends in each of its flows, as lines for a shell. What is secret, or comes out of the step before,
// is a variable of the shell: so that a line can be shown, copied and kept, and runs as it stands once the variables are set.
import type { Schemas } from '../../api/client';
import { isReserved } from '../../parts/words';

type Metadata = Schemas['ApplicationMetadata'];
type Flow = Schemas['Flow'];
export type Persona = 'user' | 'customer' | 'client';

/** A word for a POSIX shell that means exactly this text. */
export function quoted(text: string): string {
	return `'${text.replace(/'/g, "'\\''")}'`;
}

/** One parameter: a value of ours, or a variable that the shell puts in. */
type Parameter = readonly [name: string, value: string] | readonly [name: string, variable: { readonly shell: string }];

function parameterSaid([name, value]: Parameter): string {
	if (typeof value === 'string') return quoted(`${name}=${value}`);
	if (!/^[A-Z_]+$/.test(value.shell)) throw new Error(`${value.shell} is no variable`);
	return `"${name}=$${value.shell}"`;
}

export function curlPost(address: string, parameters: readonly Parameter[]): string {
	return [
		`curl --request POST ${quoted(address)}`,
		`--header ${quoted('Content-Type: application/x-www-form-urlencoded')}`,
		...parameters.map((parameter) => `--data-urlencode ${parameterSaid(parameter)}`),
	].join(' \\\n  ');
}

export interface Pkce {
	readonly verifier: string;
	readonly challenge: string;
}

/** RFC 7636: a random verifier and its S256 challenge. */
export async function pkceMake(): Promise<Pkce> {
	const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
	const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
	return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

function base64url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export interface Step {
	readonly label: string;
	readonly text: string;
	/** An address for a browser, or lines for a shell. */
	readonly kind: 'address' | 'curl';
}

export interface Recipe {
	readonly flow: Flow;
	readonly persona: Persona;
	readonly allowed: boolean;
	readonly why: string;
	readonly steps: readonly Step[];
	/** Variables of the shell that the lines want set. */
	readonly variables: readonly string[];
}

interface Ingredients {
	readonly metadata: Metadata;
	readonly platform: Schemas['Platform'];
	readonly redirectUrl: string | undefined;
	readonly refreshTokens: boolean;
	readonly pkce: Pkce;
	readonly state: string;
}

/** Those of the Admin API are asked for where there are no others: they go with none. */
function scopeSaid(scopes: readonly string[], prefix: string, more: readonly string[] = []): string {
	const others = scopes.filter((scope) => !isReserved(scope));
	return [...(others.length > 0 ? others : scopes).map((scope) => prefix + scope), ...more].join(' ');
}

function authorizeAddress(given: Ingredients, persona: 'user' | 'customer', scope: string, withPkce: boolean): string {
	const address = new URL(given.metadata.authorization_url[persona]);
	const parameters: Record<string, string> = {
		client_id: given.metadata.client_id,
		response_type: 'code',
		redirect_uri: given.redirectUrl ?? 'https://REGISTER-A-REDIRECT-URL.example',
		scope,
		state: given.state,
		...(withPkce ? { code_challenge: given.pkce.challenge, code_challenge_method: 'S256' } : {}),
	};
	// encodeURIComponent, as the guide writes it: %20 and never "+".
	address.search = Object.entries(parameters)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join('&');
	return address.href;
}

const SECRET = ['client_secret', { shell: 'CLIENT_SECRET' }] as const;

/** Every flow of this application for this persona, the ones that it may not use with the reason. */
export function recipesOf(given: Ingredients, persona: Persona): Recipe[] {
	return given.metadata.flows.flatMap((flow) => {
		const made = recipeOf(given, flow, persona);
		if (made === null) return [];
		const steps = flow.allowed ? made : [];
		const variables = new Set(steps.filter(({ kind }) => kind === 'curl').flatMap(({ text }) => [...text.matchAll(/=\$([A-Z_]+)"/g)].map((match) => match[1] ?? '')));
		return [{ flow: flow.flow, persona, allowed: flow.allowed, why: flow.why, steps, variables: [...variables] }];
	});
}

function recipeOf(given: Ingredients, flow: Metadata['flows'][number], persona: Persona): Step[] | null {
	const { metadata, platform, pkce } = given;
	const spa = platform === 'spa';
	const own: Parameter[] = [['client_id', metadata.client_id], ...(spa ? [] : [SECRET])];
	const scope = scopeSaid(flow.scopes, metadata.permission_prefix);

	if (flow.flow === 'authorization_code' && persona !== 'client') {
		const wanted = scopeSaid(flow.scopes, metadata.permission_prefix, ['openid', ...(given.refreshTokens ? ['offline_access'] : [])]);
		return [
			{ label: 'Send the person’s browser to', kind: 'address', text: authorizeAddress(given, persona, wanted, spa) },
			{
				label: 'Exchange the code that comes back to the redirect URL',
				kind: 'curl',
				text: curlPost(metadata.token_url[persona], [
					['grant_type', 'authorization_code'],
					['code', { shell: 'CODE' }],
					['redirect_uri', given.redirectUrl ?? 'https://REGISTER-A-REDIRECT-URL.example'],
					...own,
					...(spa ? [['code_verifier', pkce.verifier] as const] : []),
				]),
			},
		];
	}
	if (flow.flow === 'refresh_token' && persona !== 'client')
		return [{ label: 'Get a new access token', kind: 'curl', text: curlPost(metadata.token_url[persona], [['grant_type', 'refresh_token'], ['refresh_token', { shell: 'REFRESH_TOKEN' }], ...own]) }];
	if (flow.flow === 'token_exchange' && persona !== 'client')
		return [
			{
				label: 'Exchange a token of an identity provider',
				kind: 'curl',
				text: curlPost(metadata.token_url[persona], [
					['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
					['subject_token', { shell: 'SUBJECT_TOKEN' }],
					['subject_token_type', 'urn:ietf:params:oauth:token-type:access_token'],
					['registration_id', { shell: 'REGISTRATION_ID' }],
					...own,
					...(scope === '' ? [] : [['scope', scope] as const]),
				]),
			},
		];
	if (flow.flow === 'client_credentials' && persona === 'client')
		return [{ label: 'Ask for a token of the application itself', kind: 'curl', text: curlPost(metadata.token_url.client, [['grant_type', 'client_credentials'], ['scope', scope], ...own]) }];
	if (flow.flow === 'on_behalf_of' && persona === 'client')
		return (['user', 'customer'] as const).map((whom) => ({
			label: `Ask for a token that speaks for a ${whom}`,
			kind: 'curl' as const,
			text: curlPost(metadata.token_url[whom], [
				['grant_type', 'password'],
				...own,
				['scope', scope],
				whom === 'user' ? ['subject_username', { shell: 'SUBJECT_USERNAME' }] : ['subject_email', { shell: 'SUBJECT_EMAIL' }],
			]),
		}));
	if (flow.flow === 'anonymous' && persona === 'customer') {
		const address = `${metadata.domain_url}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=${encodeURIComponent(metadata.partition)}`;
		return [{ label: 'Ask for a token of a customer who is not signed in', kind: 'curl', text: curlPost(address, [['grant_type', 'client_credentials'], ['scope', scope]]) }];
	}
	return null;
}

/** The call of an API with the token that came out. */
export function callSaid(domainUrl: string): string {
	return [`curl --header ${quoted('Accept: application/json')}`, '--header "Authorization: Bearer $ACCESS_TOKEN"', quoted(`${domainUrl}/`)].join(' \\\n  ');
}
