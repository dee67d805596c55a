// System administrators choose the partition that they look after.
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { usePartition, useRead } from '../api/hooks';
import { Picker } from './Picker';
import { ALL_PARTITIONS, pathTo } from './sections';

const MANY = 20;
const ALL = ' all';

export function PartitionMenu() {
	const partition = usePartition();
	const navigate = useNavigate();
	const [typed, setTyped] = useState('');
	const [search] = useDebouncedValue(typed, 200);
	const partitions = useRead('/partitions', {}, { limit: MANY, search }, { keep: true });
	const items = partitions.data?.value.items ?? [];
	const long = typed !== '' || search !== '' || (partitions.data !== undefined && partitions.data.value.next !== null);
	return (
		<Picker
			label="Partition of the system"
			current={partition}
			testId="partition"
			loading={partitions.isFetching}
			search={typed}
			onSearch={long ? setTyped : null}
			groups={[
				{ label: 'Partitions', choices: items.map(({ id, name }) => ({ value: id, label: id, ...(name !== null && name !== '' && name !== id ? { about: name } : {}) })) },
				{ label: 'System', choices: [{ value: ALL, label: 'All partitions' }] },
			]}
			choose={(value) => void navigate(value === ALL ? ALL_PARTITIONS : pathTo(value, 'overview'))}
		/>
	);
}
