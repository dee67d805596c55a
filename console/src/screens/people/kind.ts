// Users and customers are the same screens: what differs between them stands here.
import { usePartition, useRead } from '../../api/hooks';
import type { Schemas } from '../../api/client';
import { pathTo } from '../../layout/sections';

/** A user, or a customer, who has no username, no department and no roles. */
export type Person = Omit<Schemas['User'], 'username' | 'department' | 'roles'> & Partial<Pick<Schemas['User'], 'username' | 'department' | 'roles'>>;
export type PersonHeld = { readonly value: Person; readonly etag: string | null };

export interface Kind {
	/** The part of the address, here and in the Admin API. */
	readonly key: 'users' | 'customers';
	readonly realm: Schemas['Realm'];
	readonly one: string;
	readonly many: string;
	readonly about: string;
	/** The Admin API's addresses. Those of customers have the shape of the users': they are typed as these. */
	readonly list: '/partitions/{partition}/users';
	readonly object: '/partitions/{partition}/users/{id}';
	readonly sessions: '/partitions/{partition}/users/{id}/sessions';
	readonly applications: '/partitions/{partition}/users/{id}/applications';
	readonly application: '/partitions/{partition}/users/{id}/applications/{client_id}';
}

const usersAt = {
	list: '/partitions/{partition}/users',
	object: '/partitions/{partition}/users/{id}',
	sessions: '/partitions/{partition}/users/{id}/sessions',
	applications: '/partitions/{partition}/users/{id}/applications',
	application: '/partitions/{partition}/users/{id}/applications/{client_id}',
} as const;

export const users: Kind = {
	key: 'users',
	realm: 'user',
	one: 'user',
	many: 'users',
	about: 'Agents and employees who sign in to work here.',
	...usersAt,
};

const customersAt = Object.fromEntries(Object.entries(usersAt).map(([name, address]) => [name, address.replace('/users', '/customers')])) as unknown as typeof usersAt;

export const customers: Kind = {
	key: 'customers',
	realm: 'customer',
	one: 'customer',
	many: 'customers',
	about: 'End users of the services of this partition.',
	...customersAt,
};

/** What a person is called: the full name where there is one. */
export function nameOf(person: Person): string {
	const name = person.claims?.name;
	return name !== undefined && name !== null && name !== '' ? name : loginOf(person);
}

/** What a person signs in with. */
export function loginOf(person: Person): string {
	return person.username ?? person.email ?? person.id;
}

/** The screens of one kind. */
export function usePeople(kind: Kind) {
	const partition = usePartition();
	return { partition, all: pathTo(partition, 'people', kind.key), to: (...parts: readonly string[]) => pathTo(partition, 'people', kind.key, ...parts) };
}

export function usePerson(kind: Kind, id: string) {
	const partition = usePartition();
	return useRead(kind.object, { partition, id }) as { data: PersonHeld | undefined; error: unknown; refetch: () => unknown };
}
