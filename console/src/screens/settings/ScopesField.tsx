// Several delegated permissions, found by the beginning of their names.
import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';

import { usePartition, useRead } from '../../api/hooks';

interface ScopesFieldProps {
	label: string;
	description: string;
	value: readonly string[];
	onChange: (value: readonly string[]) => void;
	error: string | undefined;
	testId: string;
}

export function ScopesField({ label, description, value, onChange, error, testId }: ScopesFieldProps) {
	const partition = usePartition();
	const [typed, setTyped] = useState('');
	const [search] = useDebouncedValue(typed, 200);
	const list = useRead('/partitions/{partition}/permissions', { partition }, { kind: 'delegated', search, limit: 100 }, { keep: true });
	const found = list.data?.value.items.filter(({ reserved }) => !reserved).map(({ name }) => name) ?? [];
	return (
		<MultiSelect
			label={label}
			description={description}
			placeholder={value.length === 0 ? 'None' : undefined}
			data={[...new Set([...found, ...value])]}
			value={[...value]}
			onChange={onChange}
			searchable
			searchValue={typed}
			onSearchChange={setTyped}
			clearable
			clearButtonProps={{ 'aria-label': 'None of them' }}
			hidePickedOptions
			maxDropdownHeight={280}
			nothingFoundMessage="No other delegated permission begins like this"
			error={error}
			data-testid={testId}
		/>
	);
}
