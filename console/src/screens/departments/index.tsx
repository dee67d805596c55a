import { Anchor } from '@mantine/core';
import { Link } from 'react-router';

import type { Schemas } from '../../api/client';
import { useApi, usePartition, useRead } from '../../api/hooks';
import { problemOf, Problem } from '../../api/problem';
import { pathTo, withSearch } from '../../layout/sections';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { Remove } from '../../parts/Remove';
import { about } from './NewDepartment';

export { NewDepartment } from './NewDepartment';

type Department = Schemas['Department'];

export function DepartmentList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/departments', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	return (
		<ListPage
			title="Departments"
			about={about}
			plus={{ to: pathTo(partition, 'people', 'new-department'), label: 'New department' }}
			testId="departments"
			of={list}
			paging={paging}
			searchLabel="Name begins with"
			rowKey={(department) => department.name}
			columns={[
				{ label: 'Name', cell: (department) => <strong>{department.name}</strong> },
				{ label: 'Users', cell: (department) => <Users department={department} /> },
				{ label: '', align: 'end', cell: (department) => <RemoveDepartment department={department} partition={partition} /> },
			]}
			empty={{ title: 'No departments', text: 'All users belong to the partition itself.' }}
		/>
	);
}

function Users({ department: { name } }: { department: Department }) {
	const to = withSearch(pathTo(usePartition(), 'people', 'users'), { department: name });
	return (
		<Anchor component={Link} size="sm" to={to} aria-label={`Users of ${name}`}>
			Show
		</Anchor>
	);
}

function RemoveDepartment({ department, partition }: { department: Department; partition: string }) {
	const api = useApi();
	const name = department.name;
	async function act() {
		try {
			await api.remove('/partitions/{partition}/departments/{name}', { partition, name }, `"v${department.version}"`);
		} catch (thrown) {
			const problem = problemOf(thrown);
			if (problem.status !== 409) throw problem;
			// In use: say where that is changed.
			throw new Problem(409, 'The department is in use', `${problem.detail} Give its users another department first: choose Show on its row.`, problem.fields, problem.requestId, problem.page);
		}
	}
	return (
		<Remove what="department" name={name} compact act={act}>
			A department goes only when no user belongs to it any more.
		</Remove>
	);
}
