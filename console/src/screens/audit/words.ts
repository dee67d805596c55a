// What happened, in words. An action is "kind.what"; one that has no words of its own is said by its parts.
import type { Schemas } from '../../api/client';
import { reasonSaid } from '../overview/words';

/** Of its detail nothing is sure. */
export type AuditEvent = Omit<Schemas['AuditEvent'], 'detail'> & { readonly detail: unknown };

/** What goes along to the page of an event. */
export interface Carried {
	/** One of no partition, which has no address to be read from. */
	readonly event?: AuditEvent;
	/** The list of all partitions, where one was in it. */
	readonly back?: string;
}

const said: Readonly<Record<string, string>> = {
	'account.refused': 'Own page refused',
	'admin.refused': 'Administration refused',
	'audit.dropped': 'Events lost',
	'authorization.refused': 'Authorization refused',
	'call.refused': 'API call refused',
	'consent.decided': 'Consent decided',
	'consent.refused': 'Consent page refused',
	'consent.withdrawn': 'Consent withdrawn',
	'directory.applied': 'Document applied',
	'directory.deleted': 'Objects deleted',
	'grant.ended': 'Grant ended',
	'key.rotated': 'Signing key rotated',
	'logout.delivered': 'Sign-out told',
	'logout.failed': 'Sign-out not told',
	'logout.refused': 'Sign-out refused',
	'password.changed': 'Password changed',
	'password.refused': 'New password refused',
	'person.signed_in': 'Signed in',
	'session.ended': 'Session ended',
	'sign_in.refused': 'Sign-in failed',
	'signing_key.rotated': 'Signing key rotated',
	'token.exchanged': 'Token exchanged',
	'token.refused': 'Token refused',
	'token.revoked': 'Token revoked',
};

const changes: Readonly<Record<string, string>> = { added: 'added', changed: 'changed', deleted: 'deleted' };

export const kinds: Readonly<Record<string, string>> = {
	client_application: 'Client application',
	secret: 'Client secret',
	permission: 'Permission',
	api: 'API',
	identity_provider: 'Identity provider',
	user: 'User',
	customer: 'Customer',
	department: 'Department',
	partition: 'Partition',
};

export function actionSaid(action: string): string {
	const whole = said[action];
	if (whole !== undefined) return whole;
	const [kind = '', what = ''] = action.split('.');
	return `${kinds[kind] ?? reasonSaid(kind.replaceAll('_', '-'))} ${changes[what] ?? what.replaceAll('_', ' ')}`.trim();
}

export function resultSaid(result: string): string {
	return result === 'ok' ? 'Done' : reasonSaid(result);
}

/** For a choice: by group, a group's own value standing for all that begins with it. */
export const actionGroups: readonly { readonly group: string; readonly actions: readonly (readonly [string, string])[] }[] = [
	{
		group: 'Tokens and sign-ins',
		actions: [['token.', 'All about tokens'], ...named(['token.refused', 'authorization.refused', 'sign_in.refused', 'person.signed_in', 'consent.decided', 'token.exchanged', 'token.revoked'])],
	},
	{ group: 'People themselves', actions: named(['session.ended', 'consent.withdrawn', 'password.changed', 'password.refused', 'account.refused', 'logout.refused', 'logout.failed']) },
	{
		group: 'Administration',
		actions: [...Object.entries(kinds).map(([kind, label]) => [`${kind}.`, `${label} added, changed or deleted`] as const), ...named(['grant.ended', 'signing_key.rotated', 'directory.applied', 'admin.refused'])],
	},
	{ group: 'Calls', actions: named(['call.refused']) },
];

function named(actions: readonly string[]): (readonly [string, string])[] {
	return actions.map((action) => [action, actionSaid(action)] as const);
}

export interface Change {
	readonly member: string;
	/** undefined: it was not there. */
	readonly before: unknown;
	readonly after: unknown;
}

/** The detail of an event, as far as it is one of those that are known. */
export interface Told {
	readonly sentence: string | null;
	/** Of a change. */
	readonly kind: string | null;
	readonly name: string | null;
	readonly by: string | null;
	readonly changes: readonly Change[];
	/** Of a refusal. */
	readonly arrived: readonly (readonly [string, unknown])[];
	readonly registered: readonly (readonly [string, unknown])[];
	readonly change: string | null;
	/** Whatever else stands there. */
	readonly others: readonly (readonly [string, unknown])[];
}

export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A result as somebody typed it, in the words of the screen or as the Admin API has it. */
export function resultTyped(text: string): string {
	const word = text.trim().toLowerCase().replace(/[\s_]+/g, '-');
	return word === 'done' ? 'ok' : word;
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value : null;
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

const known = ['sentence', 'kind', 'name', 'by', 'before', 'after', 'arrived', 'registered', 'change'];

export function toldBy(detail: unknown): Told {
	const object: Readonly<Record<string, unknown>> = typeof detail === 'object' && detail !== null ? (detail as Readonly<Record<string, unknown>>) : {};
	const before = Object.fromEntries(membersOf(object['before']));
	const after = Object.fromEntries(membersOf(object['after']));
	const members = [...new Set([...Object.keys(before), ...Object.keys(after)])];
	return {
		sentence: capital((typeof detail === 'string' ? textOf(detail) : textOf(object['sentence'])) ?? '') || null,
		kind: textOf(object['kind']),
		name: textOf(object['name']),
		by: textOf(object['by']),
		changes: members.map((member) => ({ member, before: before[member], after: after[member] })),
		arrived: membersOf(object['arrived']),
		registered: membersOf(object['registered']),
		change: textOf(object['change']),
		others: Object.entries(object).filter(([name]) => !known.includes(name)),
	};
}

/** A value on one line. */
export function valueSaid(value: unknown): string {
	if (value === null || value === undefined || value === '') return '—';
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (typeof value === 'string') return value;
	if (Array.isArray(value)) return value.length === 0 ? '—' : value.map(valueSaid).join(', ');
	return JSON.stringify(value);
}

/** Where two texts stop being alike, from the front and from the back. */
export function differingPart(one: string, other: string): { start: number; end: number; otherEnd: number } {
	const most = Math.min(one.length, other.length);
	let start = 0;
	while (start < most && one[start] === other[start]) start++;
	let back = 0;
	while (back < most - start && one[one.length - 1 - back] === other[other.length - 1 - back]) back++;
	return { start, end: one.length - back, otherEnd: other.length - back };
}
