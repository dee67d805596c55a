import { expect, test } from 'vitest';

import { addressOf } from './client';
import { memberOf, Problem } from './problem';

function reply(status: number, body: unknown): Problem {
	return Problem.of(new Response(null, { status, headers: { 'X-Request-Id': 'r-1' } }), body);
}

test('each error of a problem is found at its JSON pointer', () => {
	const problem = reply(422, {
		type: 'https://auth.example/errors/bad-redirect-url',
		title: 'A member is wrong',
		status: 422,
		detail: 'An address is wrong.',
		instance: 'urn:request:r-1',
		errors: [
			{ pointer: '/redirect_urls/0', detail: 'Write https.' },
			{ pointer: '/redirect_urls/0', detail: 'No fragment.' },
			{ parameter: 'limit', detail: 'At most 200.' },
			{ detail: 'Of the whole.' },
		],
	});
	expect(problem.fields).toEqual({ '/redirect_urls/0': 'Write https. No fragment.', '?limit': 'At most 200.', '': 'Of the whole.' });
	expect(problem.requestId).toBe('r-1');
	expect(problem.page).toBe('https://auth.example/errors/bad-redirect-url');
	expect(problem.passing).toBe(false);
});

test('a reply that is no problem document still has a sentence', () => {
	expect(reply(502, '<html>').detail).toMatch(/502/);
	expect(reply(503, null).passing).toBe(true);
	expect(reply(413, {}).fields).toEqual({});
});

test('the page of a problem is linked only where it is a web address', () => {
	expect(reply(400, { type: 'javascript:alert(1)', title: 't', detail: 'd', status: 400, instance: '' }).page).toBeNull();
	expect(reply(400, { type: 'about:blank', title: 't', detail: 'd', status: 400, instance: '' }).page).toBeNull();
});

test('the member of a pointer is its first part, unescaped', () => {
	expect(memberOf('/redirect_urls/3')).toBe('redirect_urls');
	expect(memberOf('/a~1b~0c/0')).toBe('a/b~c');
	expect(memberOf('')).toBe('');
});

test('names in an address are percent-encoded once, and empty parameters are left out', () => {
	expect(addressOf('/partitions/{partition}/departments/{name}', { partition: 'P', name: 'Kunden & Co/ä' }, { search: '', limit: 5, cursor: undefined })).toBe(
		'/partitions/P/departments/Kunden%20%26%20Co%2F%C3%A4?limit=5',
	);
	expect(() => addressOf('/partitions/{partition}', {})).toThrow(/partition/);
});

test('a name that a browser would take for a step of the path is not sent', () => {
	for (const name of ['.', '..']) expect(() => addressOf('/partitions/{partition}/departments/{name}', { partition: 'P', name })).toThrow(Problem);
	expect(addressOf('/partitions/{partition}/departments/{name}', { partition: 'P', name: '...' })).toBe('/partitions/P/departments/...');
});
