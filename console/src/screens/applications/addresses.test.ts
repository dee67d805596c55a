import { describe, expect, test } from 'vitest';

import { listProblems, redirectProblem, serviceProblem } from './addresses';

describe('a redirect address that may be registered', () => {
	test.each([
		'https://oauth.pstmn.io/v1/callback',
		'https://app.example.com',
		'https://app.example.com:8443/a?b=c%20d',
		'https://app.example.com?x=1',
		'http://127.0.0.1/callback',
		'http://[::1]:7777/',
		'http://localhost:8080/callback',
	])('%s', (address) => {
		expect(redirectProblem('web', address)).toBeNull();
		expect(redirectProblem('spa', address)).toBeNull();
	});
	test.each(['com.example.app:/callback', 'com.example.app:///callback', 'com.example.app://host/x'])('%s of a single page application alone', (address) => {
		expect(redirectProblem('spa', address)).toBeNull();
		expect(redirectProblem('web', address)).toMatch(/Single Page Application/);
	});
});

describe('a redirect address that may not', () => {
	test.each([
		['http://app.example.com/callback', /write https/],
		['http://127.0.0.2/', /write https/],
		['http://localhost.example.com/', /write https/],
		['https://app.example.com/#here', /fragment/],
		['https://*.example.com/', /wildcards/],
		['https://user:pw@example.com/', /user name/],
		['https://user@[::1]/', /user name/],
		['https://exa mple.com/', /spaces/],
		['https://ex.com/%zz', /hexadecimal/],
		['https://ex.com/%2', /hexadecimal/],
		['https://exämple.com/', /percent-encode/],
		['https://ex.com/\\x', /percent-encode/],
		['https://', /host and port/],
		['https://ex.com:0/', /host and port/],
		['https://ex.com:65536/', /host and port/],
		['https://ex.com:port/', /host and port/],
		['https:ex.com', /Write https/],
		['example.com/callback', /in full/],
		['/callback', /in full/],
		['javascript:alert(1)', /Write https/],
		['app:/callback', /Write https/],
		['data:text/html,x', /Write https/],
		[`https://ex.com/${'a'.repeat(2048)}`, /longer/],
	])('%s', (address, sentence) => {
		expect(redirectProblem('spa', address)).toMatch(sentence);
		expect(redirectProblem('web', address)).not.toBeNull();
	});
});

test('an address that the server goes to is https or on loopback, never a private scheme', () => {
	expect(serviceProblem('https://keys.example.com/jwks')).toBeNull();
	expect(serviceProblem('http://127.0.0.1:9/jwks')).toBeNull();
	expect(serviceProblem('com.example.app:/callback')).toMatch(/does not go there/);
});

test('an address that stands twice in a list is named where it stands again', () => {
	expect(listProblems('redirect_urls', ['https://a.example/', 'http://b.example/', 'https://a.example/'], (line) => redirectProblem('web', line))).toEqual({
		'/redirect_urls/1': expect.stringMatching(/https/) as string,
		'/redirect_urls/2': expect.stringMatching(/twice/) as string,
	});
});
