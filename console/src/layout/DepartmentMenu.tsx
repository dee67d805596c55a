// The guide's first step: Department dropdown → Partition. The partition itself stands first, then its departments.
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { useDebouncedValue } from '@mantine/hooks';

import { usePartition, useRead } from '../api/hooks';
import { Picker } from './Picker';
import { pathTo } from './sections';

const WHOLE = 'partition';
const MANY = 20;

export function DepartmentMenu() {
	const partition = usePartition();
	const navigate = useNavigate();
	const [parameters] = useSearchParams();
	const [typed, setTyped] = useState('');
	const [search] = useDebouncedValue(typed, 200);
	const departments = useRead('/partitions/{partition}/departments', { partition }, { limit: MANY, search }, { keep: true });
	const items = departments.data?.value.items ?? [];
	const long = search !== '' || typed !== '' || (departments.data !== undefined && departments.data.value.next !== null);
	const department = parameters.get('department');

	return (
		<Picker
			label="Department"
			current={department ?? 'Partition'}
			testId="department"
			loading={departments.isFetching}
			search={typed}
			onSearch={long ? setTyped : null}
			groups={[
				...(search === '' ? [{ label: partition, choices: [{ value: WHOLE, label: 'Partition', about: 'All of it' }] }] : []),
				...(items.length > 0 ? [{ label: 'Departments', choices: items.map(({ name }) => ({ value: `department:${name}`, label: name })) }] : []),
			]}
			choose={(value) => {
				if (value === WHOLE) void navigate(pathTo(partition, 'overview'));
				else void navigate(`${pathTo(partition, 'people', 'users')}?${new URLSearchParams({ department: value.slice('department:'.length) }).toString()}`);
			}}
		/>
	);
}
