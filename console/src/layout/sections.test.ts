import { generatePath, matchPath, matchRoutes } from 'react-router';
import { expect, test } from 'vitest';

import { nameIn, namesIn, pathTo, sections, withSearch } from './sections';

const rude = ['new', '.', '..', '...', 'a/b', '/', '?', '#', '%', '%2F', '100%', '~', '~2F', 'a~2Eb', '~7E', '\\', 'ü', 'Kunden & Co', ' ', 'a b', '"<', '+', '\u{1f511}'];

test('every name is read from its address as it was written', () => {
	for (const name of rude) {
		const address = pathTo('ACME', 'people', 'departments', name);
		expect(namesIn(address)).toEqual(['ACME', 'people', 'departments', name]);
		const [match] = matchRoutes([{ path: '/:partition/people/departments/:name' }], address) ?? [];
		expect(nameIn(match?.params['name'] ?? '')).toBe(name);
	}
});

test('no two names have one address', () => {
	expect(new Set(rude.map((name) => pathTo('ACME', name))).size).toBe(rude.length);
});

test('no browser resolves an address to another, and no proxy is tempted to', () => {
	for (const name of rude) {
		const address = pathTo('ACME', name, 'general');
		expect(new URL(address, 'https://auth.example').pathname).toBe(address);
		expect(address).not.toMatch(/%(2F|5C|25|2E)/);
	}
});

test('an address that somebody wrote with %2F is understood', () => {
	expect(namesIn('/ACME/integration/permissions/https%3A%2F%2Fapi.example')).toEqual(['ACME', 'integration', 'permissions', 'https://api.example']);
	expect(namesIn('/ACME/%zz')).toEqual(['ACME', '%zz']);
});

test('no form stands where an object of its list could', () => {
	for (const section of sections)
		for (const page of section.pages)
			if (page.form !== undefined) expect(matchPath(`/:partition/${section.key}/${page.key}/*`, generatePath('/ACME/:section/:form', { section: section.key, form: page.form }))).toBeNull();
});

test('a search stands behind the address', () => {
	expect(withSearch(pathTo('ACME', 'people', 'users'), { department: 'a&b' })).toBe('/ACME/people/users?department=a%26b');
});
