// To choose one of very many by the beginning of its name; what is chosen is its id.
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';

import { usePartition, useRead } from '../api/hooks';
import { useApplicationName, usePersonName, type Realm } from './names';

interface PickProps {
	label: string;
	placeholder: string;
	value: string | undefined;
	/** '' where the choice is taken away. */
	choose: (id: string) => void;
	testId: string;
}

interface Choice {
	value: string;
	label: string;
}

const SHOWN = 20;

function Picking({ label, placeholder, value, choose, testId, choices, chosen, search, setSearch }: PickProps & { choices: Choice[]; chosen: Choice | null; search: string; setSearch: (text: string) => void }) {
	const data = chosen !== null && choices.every((choice) => choice.value !== chosen.value) ? [chosen, ...choices] : choices;
	return (
		<Select
			label={label}
			placeholder={placeholder}
			data={data}
			value={value ?? null}
			onChange={(id) => choose(id ?? '')}
			searchable
			clearable
			clearButtonProps={{ 'aria-label': `All: ${label}` }}
			searchValue={search}
			onSearchChange={setSearch}
			// The server found them; the label may begin with something else than what was typed (an e-mail, an id).
			filter={({ options }) => options}
			nothingFoundMessage="Nothing fits"
			maxDropdownHeight={320}
			data-testid={testId}
			style={{ flex: '1 1 14rem', maxWidth: '22rem' }}
		/>
	);
}

/** What was typed, once the typing pauses; nothing while the name of the choice stands there. */
function useSought(chosen: string | undefined): [string, (text: string) => void, string | undefined] {
	const [search, setSearch] = useState('');
	const [paused] = useDebouncedValue(search, 250);
	return [search, setSearch, paused === '' || paused === chosen ? undefined : paused];
}

export function PersonPick({ realm, ...props }: PickProps & { realm: Realm }) {
	const partition = usePartition();
	const name = usePersonName(realm, props.value);
	const [search, setSearch, sought] = useSought(name);
	const query = { search: sought, limit: SHOWN };
	const users = useRead('/partitions/{partition}/users', { partition }, query, { enabled: realm === 'user', keep: true });
	const customers = useRead('/partitions/{partition}/customers', { partition }, query, { enabled: realm === 'customer', keep: true });
	const choices =
		realm === 'user'
			? (users.data?.value.items.map((user) => ({ value: user.id, label: user.username })) ?? [])
			: (customers.data?.value.items.map((customer) => ({ value: customer.id, label: customer.email })) ?? []);
	const chosen = props.value === undefined ? null : { value: props.value, label: name ?? props.value };
	return <Picking {...props} {...{ choices, chosen, search, setSearch }} />;
}

export function ApplicationPick(props: PickProps) {
	const partition = usePartition();
	const { name } = useApplicationName(props.value);
	const [search, setSearch, sought] = useSought(name);
	const list = useRead('/partitions/{partition}/client-applications', { partition }, { search: sought, limit: SHOWN }, { keep: true });
	const choices = list.data?.value.items.map((application) => ({ value: application.client_id, label: application.name })) ?? [];
	const chosen = props.value === undefined ? null : { value: props.value, label: name ?? props.value };
	return <Picking {...props} {...{ choices, chosen, search, setSearch }} />;
}
