// The rooms of a partition, in the guide's words. The navigation, the breadcrumbs and the sections' own pages are made of this table.
export interface RoomPage {
	/** The part of the address behind the section. */
	readonly key: string;
	readonly label: string;
	/** What one does there. */
	readonly about: string;
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
			{ key: 'client-applications', label: 'Client Application', about: 'Programs that ask for access tokens: their ids, secrets, redirect URLs and permissions.' },
			{ key: 'apis', label: 'APIs', about: 'What is protected: import OpenAPI documents and see who may call what.' },
			{ key: 'permissions', label: 'Permissions', about: 'The scopes that client applications can have.' },
			{ key: 'identity-providers', label: 'Identity providers', about: 'Others whose signed tokens are exchanged for tokens of this partition.' },
		],
	},
	{
		key: 'people',
		label: 'People',
		pages: [
			{ key: 'users', label: 'Users', about: 'Agents and employees who sign in to work here.' },
			{ key: 'customers', label: 'Customers', about: 'People who are served here.' },
			{ key: 'departments', label: 'Departments', about: 'Parts of the partition that users belong to.' },
		],
	},
	{
		key: 'security',
		label: 'Security',
		pages: [
			{ key: 'sessions', label: 'Sessions', about: 'Who is signed in, where and since when.' },
			{ key: 'grants', label: 'Grants', about: 'What people allowed client applications.' },
			{ key: 'signing-keys', label: 'Signing keys', about: 'What tokens are signed with, and when it is exchanged.' },
			{ key: 'audit', label: 'Audit', about: 'Who did what, from where and with which result.' },
		],
	},
];

/** An address of the console; parts are percent-encoded here and nowhere else. */
export function pathTo(partition: string, ...parts: readonly string[]): string {
	return `/${[partition, ...parts].map(encodeURIComponent).join('/')}`;
}
