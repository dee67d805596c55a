import { describe, expect, test } from 'vitest';

import { placeToChange } from './places';
import { actionSaid, differingPart, resultTyped, toldBy, type AuditEvent, valueSaid } from './words';

const refused: AuditEvent = {
	id: '7',
	at: '2026-11-22T21:00:00.250Z',
	partition: 'P',
	request_id: 'r',
	action: 'authorization.refused',
	result: 'redirect-uri-unregistered',
	actor: 'app 1',
	object: null,
	address: '127.0.0.1',
	detail: { sentence: 'No.', arrived: { redirect_uri: 'https://a/x' }, registered: { nearest: 'https://a/x/' }, change: 'Add it.' },
};

describe('the detail of an event', () => {
	test('of a refusal says what arrived, what was registered and what to change', () => {
		const told = toldBy(refused.detail);
		expect([told.sentence, told.arrived, told.registered, told.change]).toEqual(['No.', [['redirect_uri', 'https://a/x']], [['nearest', 'https://a/x/']], 'Add it.']);
	});
	test('of a change has a row for each member of before and after', () => {
		const told = toldBy({ kind: 'user', name: 'ann', by: 'user', before: { enabled: true }, after: { enabled: false, email: 'a@b' }, password: 'set' });
		expect(told.changes).toEqual([
			{ member: 'enabled', before: true, after: false },
			{ member: 'email', before: undefined, after: 'a@b' },
		]);
		expect(told.others).toEqual([['password', 'set']]);
	});
	test('may be a sentence, or nothing', () => {
		expect(toldBy('A sentence.').sentence).toBe('A sentence.');
		expect(toldBy(null).sentence).toBeNull();
	});
});

describe('what to change', () => {
	const told = toldBy(refused.detail);
	test('for a redirect address is at the client application', () =>
		expect(placeToChange('P', refused, told)?.to).toBe('/P/integration/client-applications/app%201'));
	test('for a scope that is not assigned is its Permissions tab', () =>
		expect(placeToChange('P', { ...refused, action: 'token.refused', result: 'scope-not-assigned' }, told)?.to).toBe('/P/integration/client-applications/app%201/permissions'));
	test('for a scope that does not exist are the permissions of the partition', () =>
		expect(placeToChange('P', { ...refused, result: 'scope-not-assigned' }, toldBy({ registered: { exists: false } }))?.to).toBe('/P/integration/permissions'));
	test('for anonymous customers are the settings', () => expect(placeToChange('P', { ...refused, result: 'anonymous-off' }, told)?.to).toBe('/P/settings'));
	test('is nowhere for what nobody can change', () => expect(placeToChange('P', { ...refused, result: 'code-unknown' }, told)).toBeNull());
});

test('actions are said in words, unknown ones too', () => {
	expect(actionSaid('token.refused')).toBe('Token refused');
	expect(actionSaid('client_application.changed')).toBe('Client application changed');
	expect(actionSaid('new_thing.happened_twice')).toBe('New thing happened twice');
});

test('values stand on a line', () => {
	expect(valueSaid(['a', 'b'])).toBe('a, b');
	expect(valueSaid(false)).toBe('no');
	expect(valueSaid({ a: 1 })).toBe('{"a":1}');
	expect(valueSaid('')).toBe('—');
});

test('the part in which two addresses differ', () => {
	expect(differingPart('https://a/x', 'https://a/x/')).toEqual({ start: 11, end: 11, otherEnd: 12 });
	expect(differingPart('http://a/x', 'https://a/x')).toEqual({ start: 4, end: 4, otherEnd: 5 });
	expect(differingPart('aXc', 'aYYc')).toEqual({ start: 1, end: 2, otherEnd: 3 });
});

test('a result is found by the words that the screen has for it', () => {
	expect(resultTyped(' Scope not assigned ')).toBe('scope-not-assigned');
	expect(resultTyped('scope-not-assigned')).toBe('scope-not-assigned');
	expect(resultTyped('Done')).toBe('ok');
	expect(resultTyped('')).toBe('');
});
