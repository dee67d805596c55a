// The rooms of a partition, in the guide's words. The navigation, the breadcrumbs and the sections' own pages are made of this table.
interface RoomPage {
	/** The part of the address behind the section. */
	readonly key: string;
	readonly label: string;
	/** What one does there. */
	readonly about: string;
	/** Where a new one is made: beside the list, where no object can have its address. */
	readonly form?: string;
}

export interface Section {
	readonly key: string;
	readonly label: string;
	readonly pages: readonly RoomPage[];
}

export const sections: readonly Section[] = [
	{
		key: 'integration',
		label: 'Integration',
		pages: [
			{ key: 'client-applications', label: 'Client Application', about: 'Programs that ask for access tokens: their IDs, secrets, redirect URLs and permissions.', form: 'new-client-application' },
			{ key: 'apis', label: 'APIs', about: 'What is protected: import OpenAPI documents and see who may call what.', form: 'import-api' },
			{ key: 'permissions', label: 'Permissions', about: 'The scopes that client applications can have.', form: 'new-permission' },
			{ key: 'identity-providers', label: 'Identity providers', about: 'Services whose signed tokens are exchanged for tokens of this partition.', form: 'new-identity-provider' },
		],
	},
	{
		key: 'people',
		label: 'People',
		pages: [
			{ key: 'users', label: 'Users', about: 'Agents and employees who sign in to work here.', form: 'new-user' },
			{ key: 'customers', label: 'Customers', about: 'People who are served here.', form: 'new-customer' },
			{ key: 'departments', label: 'Departments', about: 'Parts of the partition that users belong to.', form: 'new-department' },
		],
	},
	{
		key: 'security',
		label: 'Security',
		pages: [
			{ key: 'sessions', label: 'Sessions', about: 'Who is signed in, where and since when.' },
			{ key: 'grants', label: 'Grants', about: 'What people allowed client applications.' },
			{ key: 'signing-keys', label: 'Signing keys', about: 'What tokens are signed with, and when that changes.' },
			{ key: 'audit', label: 'Audit', about: 'Who did what, from where and with which result.' },
		],
	},
];

/** Of system administrators. No partition's id has a hyphen in it. */
export const ALL_PARTITIONS = '/all-partitions';
export const NEW_PARTITION = '/new-partition';

/** Browsers resolve . and .., proxies rewrite %2F and %5C, the router takes %252F for a slash: such names are written with ~ and their code. */
function escaped(name: string): string {
	const rude = /^\.\.?$/.test(name) ? /\./g : /[~%/\\]/g;
	return name.replace(rude, (character) => `~${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** An address of the console; parts are encoded here and nowhere else, and read again by nameIn. */
export function pathTo(partition: string, ...parts: readonly string[]): string {
	return `/${[partition, ...parts].map((part) => encodeURIComponent(escaped(part))).join('/')}`;
}

/** The address with a search behind it: filters of a list. */
export function withSearch(address: string, search: Readonly<Record<string, string>>): string {
	return `${address}?${new URLSearchParams(search).toString()}`;
}

/** The name that a part of an address stands for, its percent-encoding being taken away already. */
export function nameIn(part: string): string {
	return part.replace(/~(7E|25|2F|5C|2E)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** The names that a whole address of the console is made of. */
export function namesIn(pathname: string): readonly string[] {
	return pathname.split('/').filter((part) => part !== '').map((part) => nameIn(unencoded(part)));
}

function unencoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
