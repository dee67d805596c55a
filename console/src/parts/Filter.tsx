import { NativeSelect } from '@mantine/core';

import type { Paging } from './paging';

interface FilterProps {
	paging: Paging;
	/** Of the address and of the Admin API: "enabled". */
	name: string;
	label: string;
	/** Value and word; the empty value, which stands first, leaves nothing out. */
	choices: readonly (readonly [string, string])[];
	/** "All". */
	all: string;
}

/** Narrows a list to those of one kind. */
export function Filter({ paging, name, label, choices, all }: FilterProps) {
	const value = paging.filter(name) ?? '';
	const known = value === '' || choices.some(([choice]) => choice === value);
	const data = [{ value: '', label: all }, ...(known ? [] : [{ value, label: value }]), ...choices.map(([choice, word]) => ({ value: choice, label: word }))];
	return (
		<NativeSelect
			aria-label={label}
			title={label}
			value={value}
			data={data}
			onChange={(event) => paging.narrow(name, event.currentTarget.value)}
			data-testid={`filter-${name}`}
			style={{ flex: '1 0 auto', maxWidth: '16rem' }}
		/>
	);
}

/** What EnabledFilter chose, as the Admin API takes it. */
export function enabledIn(paging: Paging): boolean | undefined {
	const chosen = paging.filter('enabled');
	return chosen === undefined ? undefined : chosen === 'true';
}

export function EnabledFilter({ paging }: { paging: Paging }) {
	const choices = [['true', 'Enabled'] as const, ['false', 'Disabled'] as const];
	return <Filter paging={paging} name="enabled" label="State" all="Enabled and disabled" choices={choices} />;
}
