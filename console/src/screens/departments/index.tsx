import { Anchor, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link, Route, Routes, useNavigate } from 'react-router';

import type { Schemas } from '../../api/client';
import { useApi, useMayManage, usePartition, useRead } from '../../api/hooks';
import { problemOf, Problem } from '../../api/problem';
import { NotHere } from '../../layout/NotHere';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { DataTable } from '../../parts/DataTable';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { Plus } from '../../parts/Plus';
import { Remove } from '../../parts/Remove';

type Department = Schemas['Department'];
const about = 'Parts of the partition that users belong to.';

export default function Departments() {
	return (
		<Routes>
			<Route index element={<DepartmentList />} />
			<Route path="new" element={<NewDepartment />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}

function usersOf(partition: string, department: string): string {
	return `${pathTo(partition, 'people', 'users')}?${new URLSearchParams({ department }).toString()}`;
}

function DepartmentList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/departments', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	const plus = useMayManage() ? <Plus to={pathTo(partition, 'people', 'departments', 'new')} label="New department" /> : null;
	return (
		<Page title="Departments" about={about} actions={plus}>
			<DataTable
				label="Departments"
				testId="departments"
				of={list}
				paging={paging}
				searchLabel="Name begins with"
				rowKey={(department) => department.name}
				columns={[
					{ label: 'Name', cell: (department) => <strong>{department.name}</strong> },
					{
						label: 'Users',
						cell: (department) => (
							<Anchor component={Link} size="sm" to={usersOf(partition, department.name)} aria-label={`Users of ${department.name}`}>
								Show
							</Anchor>
						),
					},
					{ label: '', align: 'end', cell: (department) => <RemoveDepartment department={department} partition={partition} /> },
				]}
				empty={{ title: 'No departments', text: 'All users belong to the partition itself.', action: plus }}
			/>
		</Page>
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

function NewDepartment() {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const all = pathTo(partition, 'people', 'departments');
	const [beginning] = useState<{ value: Schemas['NewDepartment']; etag: null }>({ value: { name: '' }, etag: null });
	return (
		<Page title="New department" about={about}>
			<ObjectForm
				held={beginning}
				words={{ name: 'Name' }}
				check={(value): Record<string, string> => (value.name.trim() === '' ? { '/name': 'A department needs a name.' } : {})}
				save={(value) => api.create('/partitions/{partition}/departments', { partition }, { name: (value.name ?? '').trim() })}
				saved={() => void navigate(all)}
				verb="Create"
				cancel={() => void navigate(all)}
			>
				{(draft) => (
					<Block title="Department">
						<Stack maw={480}>
							<TextInput label="Name" description="Unique in the partition. It cannot be changed later." required autoComplete="off" {...draft.text('name')} />
						</Stack>
					</Block>
				)}
			</ObjectForm>
		</Page>
	);
}
