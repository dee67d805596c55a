import { expect, test } from 'vitest';

import { groupsOf } from './catalogue';

const permission = (name: string, kind: 'delegated' | 'on_behalf_of' | 'application', reserved = false) => ({ name, description: null, kind, reserved, version: 1 });
const operation = (api: string, path: string, ...alternatives: { actor: 'user' | 'client'; scopes: string[] }[]) => ({ api, method: 'GET', path, operation_id: null, summary: null, alternatives });

test('a permission stands once, with the first API that uses it, and names the others', () => {
	const groups = groupsOf(
		[permission('a.read', 'delegated'), permission('b.read', 'delegated'), permission('writ.admin.read', 'delegated', true)],
		[operation('one', '/x', { actor: 'user', scopes: ['a.read'] }), operation('two', '/y', { actor: 'user', scopes: ['a.read'] }, { actor: 'client', scopes: ['other'] })],
	);
	expect(groups.map(({ api, reserved, entries }) => [api, reserved, entries.map((entry) => [entry.permission.name, entry.opens.length, entry.alsoIn])])).toEqual([
		['one', false, [['a.read', 2, ['two']]]],
		[null, false, [['b.read', 0, []]]],
		[null, true, [['writ.admin.read', 0, []]]],
	]);
});

test('any application permission opens what .default opens, a delegated one and a reserved one do not', () => {
	const groups = groupsOf(
		[permission('app.x', 'application'), permission('x', 'delegated'), permission('app.writ.admin.manage', 'application', true)],
		[operation('one', '/x', { actor: 'client', scopes: ['.default'] })],
	);
	const opens = Object.fromEntries(groups.flatMap(({ entries }) => entries.map((entry) => [entry.permission.name, entry.opens.length])));
	expect(opens).toEqual({ 'app.x': 1, x: 0, 'app.writ.admin.manage': 0 });
});
