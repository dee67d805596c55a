import { describe, expect, test } from 'vitest';

import { curlPost } from '../applications/curl';
import { authorizeAddress, codeForm, formOf, hidden, noWish, providerOf, realmOf, scopeOf, scopesOf, tabThatOpens, tokenAddress, withTokenType, flows, type Application, type Metadata, type Wish } from './flows';
import { handedBack, channelName, TAKEN } from './popup';
import { claimsSaid, decode } from './token';

const application = { client_id: 'app', platform: 'web' } as Application;
const spa = { client_id: 'spa', platform: 'spa' } as Application;
const metadata = {
	partition: 'P',
	token_url: { user: 'https://a/U/token', customer: 'https://a/C/token', client: 'https://a/U/token' },
	authorization_url: { user: 'https://a/U/authorize', customer: 'https://a/C/authorize' },
} as Metadata;
const wish: Wish = { ...noWish, scopes: ['a.read', 'b.read'], secret: 's3cret' };
const request = { redirectUri: 'https://a/console/try', state: 'S', challenge: 'CH', verifier: 'v3rifier' };

describe('a request', () => {
	test('of client credentials has what the guide lists', () =>
		expect(formOf('client_credentials', wish, application)).toEqual([
			['grant_type', 'client_credentials'],
			['scope', 'a.read b.read'],
			['client_id', 'app'],
			['client_secret', 's3cret'],
		]));
	test('on behalf of names one person, and its realm', () => {
		const jane: Wish = { ...wish, subject: 'email', subjectName: 'jane@example.com' };
		expect(formOf('on_behalf_of', jane, application)).toContainEqual(['subject_email', 'jane@example.com']);
		expect(tokenAddress('on_behalf_of', jane, metadata, 'https://a')).toBe('https://a/C/token');
		expect(realmOf('on_behalf_of', wish)).toBe('user');
	});
	test('of a single page application never carries a secret', () => expect(formOf('refresh_token', { ...wish, refreshToken: 'r' }, spa).map(([name]) => name)).not.toContain('client_secret'));
	test('of an anonymous customer names no application', () => {
		expect(formOf('anonymous', wish, application)).toEqual([
			['grant_type', 'client_credentials'],
			['scope', 'a.read b.read'],
		]);
		expect(tokenAddress('anonymous', wish, metadata, 'https://a')).toBe('https://a/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=P');
	});
	test('with the name of a person instead of a token has no provider', () =>
		expect(formOf('token_exchange', { ...wish, tokenType: 'urn:writ:token-type:username', subjectToken: 'ann', registrationId: 'okta' }, application).map(([name]) => name)).not.toContain('registration_id'));
	test('names each scope once, the typed ones behind', () => expect(scopeOf({ ...wish, more: '  c  a.read ' })).toBe('a.read b.read c'));
	test('for authorization is encoded with %20', () =>
		expect(authorizeAddress('customer', wish, application, metadata, request)).toBe(
			'https://a/C/authorize?client_id=app&response_type=code&redirect_uri=https%3A%2F%2Fa%2Fconsole%2Ftry&scope=a.read%20b.read&state=S&code_challenge=CH&code_challenge_method=S256',
		));
	test('without PKCE has no verifier', () => expect(codeForm('C', { ...wish, pkce: false }, application, request).map(([name]) => name)).toEqual(['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret']));
	test('is shown without anything secret', () => {
		const shown = curlPost('https://a', hidden(codeForm('C0DE', wish, application, request)));
		for (const secret of ['C0DE', 's3cret', 'v3rifier']) expect(shown).not.toContain(secret);
		expect(shown).toContain('"client_secret=$CLIENT_SECRET"');
	});
});

describe('a token', () => {
	const encode = (value: object) => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
	test('is taken apart, names in other scripts too', () =>
		expect(decode(`${encode({ alg: 'ES256' })}.${encode({ name: 'Žofie 李' })}.x`)).toEqual({ header: { alg: 'ES256' }, claims: { name: 'Žofie 李' } }));
	test.each(['', 'a.b', 'a.b.c', `${encode([])}.${encode({})}.x`])('is none: %s', (text) => expect(decode(text)).toBeNull());
	test('has its end in words', () => {
		expect(claimsSaid({ exp: 1_000_060 }, 1_000_000)[0]?.words).toContain('for 1 minute more');
		expect(claimsSaid({ exp: 999_999 }, 1_000_000)[0]?.words).toContain('it has expired');
		expect(claimsSaid({ act: { sub: 'x' } }, 0)[0]).toMatchObject({ value: '{"sub":"x"}' });
	});
});

describe('what a sign-in hands back', () => {
	const origin = 'https://console.example';
	function hand(state: string, parameters: string): Promise<unknown> {
		const channel = new BroadcastChannel(channelName(state));
		const answer = new Promise((resolve) => {
			channel.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
			setTimeout(() => resolve(null), 200);
		}).finally(() => channel.close());
		channel.postMessage({ parameters });
		return answer;
	}
	test('is taken by whoever waits for this state, and said to be', async () => {
		// Messages of Node have an empty origin, those of a browser the sender's.
		Object.assign(globalThis, { location: { origin: '' } });
		const given = handedBack('S1', null, new AbortController().signal);
		expect(await hand('S1', 'code=C&state=S1')).toBe(TAKEN);
		expect((await given).get('code')).toBe('C');
	});
	test('with another state in it is not taken', async () => {
		Object.assign(globalThis, { location: { origin: '' } });
		const stopped = new AbortController();
		const given = handedBack('S2', null, stopped.signal);
		expect(await hand('S2', 'code=C&state=other')).toBeNull();
		stopped.abort();
		await expect(given).rejects.toThrow('You stopped it.');
	});
	test('of another origin is not taken', async () => {
		Object.assign(globalThis, { location: { origin } });
		const stopped = new AbortController();
		const given = handedBack('S3', null, stopped.signal);
		expect(await hand('S3', 'code=C&state=S3')).toBeNull();
		stopped.abort();
		await expect(given).rejects.toThrow('You stopped it.');
	});
});

describe('a token exchange', () => {
	const exchange = flows.find(({ key }) => key === 'token_exchange') ?? flows[0];
	const foreign: Wish = { ...wish, subjectToken: 'a.b.c', realm: 'customer' };
	const assigned = { ...metadata, flows: [{ flow: 'token_exchange', scopes: ['a.read'] }, { flow: 'on_behalf_of', scopes: ['a.onbehalfof.read'] }] } as unknown as Metadata;

	test('is with the only identity provider that there is, unless another was chosen', () => {
		expect(providerOf(noWish, ['okta'])).toBe('okta');
		expect(providerOf(noWish, ['okta', 'entra'])).toBe('');
		expect(providerOf({ ...noWish, registrationId: 'entra' }, ['okta'])).toBe('entra');
	});
	test('of a name offers the permissions on behalf of somebody', () => {
		expect(scopesOf(assigned, exchange, foreign)).toEqual(['a.read']);
		expect(scopesOf(assigned, exchange, { ...foreign, tokenType: 'urn:writ:token-type:userid' })).toEqual(['a.onbehalfof.read']);
	});
	test('of another kind of token forgets what was chosen for the former, and knows its realm', () => {
		expect(withTokenType(foreign, 'urn:ietf:params:oauth:token-type:jwt')).toEqual({ tokenType: 'urn:ietf:params:oauth:token-type:jwt' });
		expect(withTokenType(foreign, 'urn:writ:token-type:username')).toMatchObject({ realm: 'user', scopes: [], subjectToken: '' });
		expect(withTokenType({ ...foreign, realm: 'user' }, 'urn:writ:token-type:email')).toMatchObject({ realm: 'customer' });
	});
	test('is opened under General, and never to what cannot keep a secret', () => {
		expect(tabThatOpens(exchange, application)).toBe('general');
		expect(tabThatOpens(exchange, spa)).toBeNull();
	});
});
