// The flows of the guide as requests: which address, which parameters, and which of them nobody else may see.
import type { Schemas } from '../../api/client';
import type { Realm } from '../../parts/names';

export type Metadata = Schemas['ApplicationMetadata'];
export type Application = Schemas['ClientApplication'];

export interface Flow {
	readonly key: 'user' | 'customer' | 'client_credentials' | 'on_behalf_of' | 'refresh_token' | 'token_exchange' | 'anonymous';
	/** Its name in the application's metadata. */
	readonly flow: Schemas['Flow'];
	readonly label: string;
	readonly about: string;
}

export const flows: readonly [Flow, ...Flow[]] = [
	{ key: 'user', flow: 'authorization_code', label: 'A user signs in', about: 'Authorization code, with PKCE: the token speaks for the user.' },
	{ key: 'customer', flow: 'authorization_code', label: 'A customer signs in', about: 'Authorization code, with PKCE: the token speaks for the customer.' },
	{ key: 'client_credentials', flow: 'client_credentials', label: 'Client credentials', about: 'The application as itself, without a person.' },
	{ key: 'on_behalf_of', flow: 'on_behalf_of', label: 'On behalf of', about: 'The application for a user or customer who does not sign in.' },
	{ key: 'refresh_token', flow: 'refresh_token', label: 'Refresh', about: 'A new access token, without asking the person again.' },
	{ key: 'token_exchange', flow: 'token_exchange', label: 'Token exchange', about: 'A token of an identity provider for one of this partition.' },
	{ key: 'anonymous', flow: 'anonymous', label: 'Anonymous customer', about: 'For a customer who is not signed in; without the application’s id.' },
];

export type Subject = 'username' | 'userid' | 'email';

/** Everything that one can choose; each flow takes its part. */
export interface Wish {
	readonly scopes: readonly string[];
	/** More names, as they were typed. */
	readonly more: string;
	readonly secret: string;
	readonly realm: Realm;
	readonly pkce: boolean;
	readonly prompt: '' | 'login' | 'consent' | 'select_account' | 'none';
	readonly subject: Subject;
	readonly subjectName: string;
	readonly refreshToken: string;
	readonly tokenType: string;
	readonly subjectToken: string;
	readonly registrationId: string;
}

export const noWish: Wish = {
	scopes: [],
	more: '',
	secret: '',
	realm: 'user',
	pkce: true,
	prompt: '',
	subject: 'username',
	subjectName: '',
	refreshToken: '',
	tokenType: 'urn:ietf:params:oauth:token-type:access_token',
	subjectToken: '',
	registrationId: '',
};

export const tokenTypes: readonly { readonly value: string; readonly label: string }[] = [
	{ value: 'urn:ietf:params:oauth:token-type:access_token', label: 'Access token of an identity provider' },
	{ value: 'urn:ietf:params:oauth:token-type:id_token', label: 'ID token of an identity provider' },
	{ value: 'urn:ietf:params:oauth:token-type:jwt', label: 'Another JWT of an identity provider' },
	{ value: 'urn:writ:token-type:username', label: 'Username (on behalf of)' },
	{ value: 'urn:writ:token-type:userid', label: 'User id (on behalf of)' },
	{ value: 'urn:writ:token-type:email', label: 'E-mail of a customer (on behalf of)' },
];

/** A token of somebody else's, not the name of a person. */
export function isProvidersToken(type: string): boolean {
	return !type.startsWith('urn:writ:');
}

/** The identity provider that was chosen, or the only one that there is. */
export function providerOf(wish: Wish, ids: readonly string[]): string {
	return wish.registrationId === '' && ids.length === 1 ? (ids[0] ?? '') : wish.registrationId;
}

/** The tab of a client application on which a flow is opened to it; null: it can never use it. */
export function tabThatOpens(flow: Flow, application: Application): 'general' | 'permissions' | null {
	if (flow.key === 'anonymous') return null;
	if (application.platform === 'spa' && !['authorization_code', 'refresh_token'].includes(flow.flow)) return null;
	return flow.key === 'token_exchange' || flow.key === 'refresh_token' ? 'general' : 'permissions';
}

/** What a token of this flow can carry; that of an exchanged name is one on behalf of somebody. */
export function scopesOf(metadata: Metadata, flow: Flow, wish: Wish): readonly string[] {
	const carrier = flow.key === 'token_exchange' && !isProvidersToken(wish.tokenType) ? 'on_behalf_of' : flow.flow;
	return metadata.flows.find((candidate) => candidate.flow === carrier)?.scopes ?? [];
}

/** Another kind of subject token: what was chosen and typed for the former would be refused. */
export function withTokenType(wish: Wish, tokenType: string): Partial<Wish> {
	if (isProvidersToken(tokenType) && isProvidersToken(wish.tokenType)) return { tokenType };
	const realm = tokenType.endsWith(':email') ? 'customer' : isProvidersToken(tokenType) ? wish.realm : 'user';
	return { tokenType, realm, scopes: [], subjectToken: '' };
}

export type Parameters = readonly (readonly [string, string])[];

/** What is behind the scopes of a request: chosen ones, then typed ones, each once. */
export function scopeOf(wish: Wish): string {
	return [...new Set([...wish.scopes, ...wish.more.split(/\s+/)])].filter((name) => name !== '').join(' ');
}

/** The realm whose token endpoint is asked. */
export function realmOf(key: Flow['key'], wish: Wish): Realm {
	switch (key) {
		case 'user':
		case 'customer':
			return key;
		case 'on_behalf_of':
			return wish.subject === 'email' ? 'customer' : 'user';
		case 'refresh_token':
		case 'token_exchange':
			return wish.realm;
		case 'anonymous':
			return 'customer';
		case 'client_credentials':
			return 'user';
	}
}

export function tokenAddress(key: Flow['key'], wish: Wish, metadata: Metadata, authUrl: string): string {
	if (key === 'anonymous') return `${authUrl}/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=${encodeURIComponent(metadata.partition)}`;
	return key === 'client_credentials' ? metadata.token_url.client : metadata.token_url[realmOf(key, wish)];
}

function filled(parameters: Parameters): Parameters {
	return parameters.filter(([, value]) => value !== '');
}

function ownOf(application: Application, wish: Wish): Parameters {
	return filled([
		['client_id', application.client_id],
		['client_secret', application.platform === 'web' ? wish.secret : ''],
	]);
}

/** The form of the flows that need one request. */
export function formOf(key: Exclude<Flow['key'], 'user' | 'customer'>, wish: Wish, application: Application): Parameters {
	const own = ownOf(application, wish);
	const scope: Parameters = filled([['scope', scopeOf(wish)]]);
	switch (key) {
		case 'client_credentials':
			return [['grant_type', 'client_credentials'], ...scope, ...own];
		case 'on_behalf_of':
			return [['grant_type', 'password'], ...own, ...scope, ...filled([[`subject_${wish.subject}`, wish.subjectName]])];
		case 'refresh_token':
			return [['grant_type', 'refresh_token'], ...filled([['refresh_token', wish.refreshToken.trim()]]), ...scope, ...own];
		case 'token_exchange':
			return [
				['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
				...filled([
					['subject_token', wish.subjectToken.trim()],
					['subject_token_type', wish.tokenType],
					['registration_id', isProvidersToken(wish.tokenType) ? wish.registrationId : ''],
				]),
				...scope,
				...own,
			];
		case 'anonymous':
			return [['grant_type', 'client_credentials'], ...scope];
	}
}

export interface CodeRequest {
	readonly redirectUri: string;
	readonly state: string;
	readonly challenge: string;
	readonly verifier: string;
}

/** Where the person is sent to. */
export function authorizeAddress(realm: Realm, wish: Wish, application: Application, metadata: Metadata, request: CodeRequest): string {
	const parameters = filled([
		['client_id', application.client_id],
		['response_type', 'code'],
		['redirect_uri', request.redirectUri],
		['scope', scopeOf(wish)],
		['state', request.state],
		['prompt', wish.prompt],
		['code_challenge', wish.pkce ? request.challenge : ''],
		['code_challenge_method', wish.pkce ? 'S256' : ''],
	]);
	return `${metadata.authorization_url[realm]}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

export function codeForm(code: string, wish: Wish, application: Application, request: CodeRequest): Parameters {
	return [
		['grant_type', 'authorization_code'],
		['code', code],
		['redirect_uri', request.redirectUri],
		...ownOf(application, wish),
		...filled([['code_verifier', wish.pkce ? request.verifier : '']]),
	];
}

const secrets = ['client_secret', 'code', 'code_verifier', 'refresh_token', 'subject_token'];

/** For showing: what is secret becomes a variable of the shell, so that the line can be kept and still runs. */
export function hidden(parameters: Parameters): (readonly [string, string] | readonly [string, { readonly shell: string }])[] {
	return parameters.map(([name, value]) => (secrets.includes(name) ? [name, { shell: name.toUpperCase() }] : [name, value]));
}
