import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { curlPost, pkceMake, quoted, recipesOf, type Persona } from './curl';

/** What a real shell makes of a command: its words, curl's name being printf's. */
function wordsOf(command: string, environment: Record<string, string> = {}): string[] {
	const printed = execFileSync('/bin/sh', ['-c', command.replace(/^curl /, "printf '%s\\0' ")], { env: environment, encoding: 'utf8' });
	return printed.split('\0').slice(0, -1);
}

const hostile = ["it's", '$(touch /tmp/x)', '`id`', '"; rm -rf ~; "', 'a\nb', '\\', '!!', "'''", '-n', '%s', 'ä€😀', '$HOME', ''];

describe('a word of a curl line means for a shell exactly what it says', () => {
	test.each(hostile)('%j', (text) => {
		expect(wordsOf(`curl ${quoted(text)}`)).toEqual([text]);
	});
});

test('a parameter keeps its value, and a variable is put in by the shell without being read again', () => {
	for (const text of hostile) {
		const command = curlPost(`https://a.example/${text}`, [['name', text], ['client_secret', { shell: 'CLIENT_SECRET' }]]);
		expect(wordsOf(command, { CLIENT_SECRET: text })).toEqual([
			'--request', 'POST', `https://a.example/${text}`,
			'--header', 'Content-Type: application/x-www-form-urlencoded',
			'--data-urlencode', `name=${text}`,
			'--data-urlencode', `client_secret=${text}`,
		]);
	}
});

test('a variable of the shell has a name that needs no care', () => {
	expect(() => curlPost('https://a.example', [['x', { shell: 'A$(id)' }]])).toThrow();
});

test('a verifier and its challenge fit (RFC 7636 §4.6)', async () => {
	const { verifier, challenge } = await pkceMake();
	expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
	expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
});

const flows = (['authorization_code', 'refresh_token', 'token_exchange', 'client_credentials', 'on_behalf_of', 'anonymous'] as const).map((flow) => ({ flow, allowed: true, why: '', scopes: [`${flow}.read`] }));
const metadata = {
	partition: 'P_1',
	client_id: "b4b2c1d9-it's",
	authorization_url: { user: 'https://auth.example/system/auth/P_1-U/oauth2/authorize', customer: 'https://auth.example/system/auth/P_1-C/oauth2/authorize' },
	token_url: { user: 'https://auth.example/U/token', customer: 'https://auth.example/C/token', client: 'https://auth.example/U/token' },
	discovery_url: { user: '', customer: '' },
	domain_url: 'https://api.example',
	metadata_url: 'https://auth.example/system/auth/P_1/metadata',
	permission_prefix: 'https://api.example/auth/',
	flows,
};
const given = { metadata, platform: 'web' as const, redirectUrl: "https://app.example/cb?x='1'&y=2", refreshTokens: true, pkce: { verifier: 'v'.repeat(43), challenge: 'c'.repeat(43) }, state: 'st' };

function parametersOf(command: string, environment: Record<string, string>): Record<string, string> {
	const words = wordsOf(command, environment);
	const pairs = words.flatMap((word, index) => (words[index - 1] === '--data-urlencode' ? [word] : []));
	return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

test('each persona has its flows, each flow its lines', () => {
	const by = (persona: Persona) => recipesOf(given, persona).map(({ flow }) => flow);
	expect(by('user')).toEqual(['authorization_code', 'refresh_token', 'token_exchange']);
	expect(by('customer')).toEqual(['authorization_code', 'refresh_token', 'token_exchange', 'anonymous']);
	expect(by('client')).toEqual(['client_credentials', 'on_behalf_of']);
});

test('a web application sends its secret from a variable, a single page application its verifier and no secret', () => {
	const [web] = recipesOf(given, 'user');
	expect(web?.variables).toEqual(['CODE', 'CLIENT_SECRET']);
	expect(parametersOf(web?.steps[1]?.text ?? '', { CODE: 'x', CLIENT_SECRET: 's$1' })).toEqual({
		grant_type: 'authorization_code', code: 'x', redirect_uri: given.redirectUrl, client_id: metadata.client_id, client_secret: 's$1',
	});
	const [spa] = recipesOf({ ...given, platform: 'spa' }, 'user');
	expect(spa?.variables).toEqual(['CODE']);
	expect(parametersOf(spa?.steps[1]?.text ?? '', { CODE: 'x' })).toEqual({
		grant_type: 'authorization_code', code: 'x', redirect_uri: given.redirectUrl, client_id: metadata.client_id, code_verifier: given.pkce.verifier,
	});
});

test('the authorization address carries every parameter as it is registered, and spaces as %20', () => {
	const address = recipesOf({ ...given, platform: 'spa' }, 'customer')[0]?.steps[0]?.text ?? '';
	expect(address).not.toContain('+');
	const { searchParams, pathname } = new URL(address);
	expect(pathname).toBe('/system/auth/P_1-C/oauth2/authorize');
	expect(Object.fromEntries(searchParams)).toEqual({
		client_id: metadata.client_id, response_type: 'code', redirect_uri: given.redirectUrl, state: 'st',
		scope: 'https://api.example/auth/authorization_code.read openid offline_access', code_challenge: given.pkce.challenge, code_challenge_method: 'S256',
	});
});

test('on behalf of names one subject of the realm that is asked', () => {
	const steps = recipesOf(given, 'client')[1]?.steps ?? [];
	expect(steps).toHaveLength(2);
	expect(parametersOf(steps[0]?.text ?? '', { SUBJECT_USERNAME: 'pa' })).toMatchObject({ grant_type: 'password', subject_username: 'pa' });
	expect(parametersOf(steps[1]?.text ?? '', { SUBJECT_EMAIL: 'j@e' })).toMatchObject({ subject_email: 'j@e' });
});

test('permissions of the Admin API are asked for alone, where there are no others', () => {
	const asked = (scopes: readonly string[]) => {
		const flows = [{ flow: 'client_credentials' as const, allowed: true, why: '', scopes: [...scopes] }];
		return parametersOf(recipesOf({ ...given, metadata: { ...metadata, permission_prefix: '', flows } }, 'client')[0]?.steps[0]?.text ?? '', {})['scope'];
	};
	expect(asked(['app.k.read', 'app.writ.admin.manage'])).toBe('app.k.read');
	expect(asked(['app.writ.admin.manage'])).toBe('app.writ.admin.manage');
});

test('a flow that is not allowed has its reason and no lines', () => {
	const closed = { ...metadata, flows: [{ flow: 'client_credentials' as const, allowed: false, why: 'It has no secret.', scopes: [] }] };
	expect(recipesOf({ ...given, metadata: closed }, 'client')).toEqual([{ flow: 'client_credentials', persona: 'client', allowed: false, why: 'It has no secret.', steps: [], variables: [] }]);
});
