// Who and what an id stands for: people and client applications by their names, each read once for all rows that show it.
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';

import { usePartition, useRead } from '../api/hooks';
import { pathTo } from '../layout/sections';
import { useSession } from '../session/context';

export type Realm = 'user' | 'customer';

const CONSOLE = 'Administration Console';

/** inText: among other words, from which its colour alone would not tell it. */
interface NameProps {
	id: string;
	inText?: boolean;
}

function Named({ to, name, id, inText = false }: NameProps & { to: string; name: string }) {
	return (
		<Anchor component={Link} to={to} size="sm" title={id} className="whole" underline={inText ? 'always' : 'hover'}>
			{name}
		</Anchor>
	);
}

function Bare({ id }: { id: string }) {
	return (
		<Text span className="mono" size="sm">
			{id}
		</Text>
	);
}

/** Enough for the exact one to be among those whose id or name only begins with it. */
export const FOUND = 20;

interface Found {
	readonly name: string | undefined;
	/** The answer is here: without a name there is no such person. */
	readonly done: boolean;
}

/** By search and not by address: of somebody who is gone that is an empty list, and not a refused request in the audit log. */
function usePerson(realm: Realm, id: string | undefined): Found {
	const partition = usePartition();
	const query = { search: id ?? '', limit: FOUND };
	const users = useRead('/partitions/{partition}/users', { partition }, query, { enabled: id !== undefined && realm === 'user' });
	const customers = useRead('/partitions/{partition}/customers', { partition }, query, { enabled: id !== undefined && realm === 'customer' });
	return realm === 'user'
		? { name: users.data?.value.items.find((user) => user.id === id)?.username, done: users.data !== undefined }
		: { name: customers.data?.value.items.find((customer) => customer.id === id)?.email, done: customers.data !== undefined };
}

/** The name of a person, who may be gone: then undefined. */
export function usePersonName(realm: Realm, id: string | undefined): string | undefined {
	return usePerson(realm, id).name;
}

export function PersonName({ realm, id, inText = false }: NameProps & { realm: Realm }) {
	const partition = usePartition();
	const name = usePersonName(realm, id);
	if (name === undefined) return <Bare id={id} />;
	return <Named to={pathTo(partition, 'people', realm === 'user' ? 'users' : 'customers', id)} name={name} id={id} inText={inText} />;
}

/** The name of a client application, which may be gone, or be this console: then there is nothing to go to. */
export function useApplicationName(clientId: string | undefined): { name: string | undefined; here: boolean } {
	const partition = usePartition();
	const own = useSession().console.client_id === clientId;
	const list = useRead('/partitions/{partition}/client-applications', { partition }, { search: clientId ?? '', limit: FOUND }, { enabled: clientId !== undefined && clientId !== '' && !own });
	const name = list.data?.value.items.find((application) => application.client_id === clientId)?.name;
	return own ? { name: CONSOLE, here: false } : { name, here: name !== undefined };
}

export function ApplicationName({ id, inText = false }: NameProps) {
	const partition = usePartition();
	const { name, here } = useApplicationName(id);
	if (name === undefined) return <Bare id={id} />;
	if (!here) return <span title={id}>{name}</span>;
	return <Named to={pathTo(partition, 'integration', 'client-applications', id)} name={name} id={id} inText={inText} />;
}

/** Somebody or something whose kind the id does not tell: a user, a customer or a client application, in this order. */
export function AnyName({ id }: { id: string }) {
	const user = usePerson('user', id);
	const customer = usePerson('customer', user.done && user.name === undefined ? id : undefined);
	if (user.name !== undefined) return <PersonName realm="user" id={id} />;
	if (customer.name !== undefined) return <PersonName realm="customer" id={id} />;
	if (user.done && customer.done) return <ApplicationName id={id} />;
	return <Bare id={id} />;
}
