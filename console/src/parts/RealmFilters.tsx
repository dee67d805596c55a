// Lists of what belongs to people are of one realm at a time, and may be of one person.
import { SegmentedControl } from '@mantine/core';
import { useSearchParams } from 'react-router';

import type { Realm } from './names';
import type { Paging } from './paging';
import { PersonPick } from './Pick';

export function realmOf(paging: Paging): Realm {
	return paging.filter('realm') === 'customer' ? 'customer' : 'user';
}

export function RealmFilters({ realm, paging }: { realm: Realm; paging: Paging }) {
	const [parameters, setParameters] = useSearchParams();

	/** The person goes with the realm, being of one. */
	function choose(next: string) {
		const kept = new URLSearchParams(parameters);
		for (const name of ['realm', 'person_id', 'cursor']) kept.delete(name);
		if (next === 'customer') kept.set('realm', next);
		setParameters(kept);
	}

	return (
		<>
			<SegmentedControl
				value={realm}
				onChange={choose}
				data={[
					{ value: 'user', label: 'Users' },
					{ value: 'customer', label: 'Customers' },
				]}
				aria-label="Whose"
				data-testid="realm"
			/>
			<PersonPick
				key={realm}
				realm={realm}
				label={realm === 'user' ? 'User' : 'Customer'}
				placeholder={realm === 'user' ? 'All users' : 'All customers'}
				value={paging.filter('person_id')}
				choose={(id) => paging.narrow('person_id', id)}
				testId="filter-person"
			/>
		</>
	);
}
