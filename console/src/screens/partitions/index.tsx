import { SimpleGrid, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Route, Routes, useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useMayManage, useMe, useRead } from '../../api/hooks';
import { NotHere } from '../../layout/NotHere';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { DataTable, RowLink } from '../../parts/DataTable';
import { filled } from '../../parts/filled';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { Plus } from '../../parts/Plus';
import { RemovePartition } from './RemovePartition';

type NewOne = Schemas['NewPartition'];
const about = 'Tenants. Nothing of one partition is ever visible from another.';

export default function Partitions() {
	const me = useMe();
	if (!me.system) return <NotHere />;
	return (
		<Routes>
			<Route index element={<PartitionList />} />
			<Route path="new" element={<NewPartition />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}

function PartitionList() {
	const paging = usePaging();
	const list = useRead('/partitions', {}, { cursor: paging.cursor, search: paging.search }, { keep: true });
	const plus = useMayManage() ? <Plus to="/partitions/new" label="New partition" /> : null;
	return (
		<Page title="Partitions" about={about} actions={plus}>
			<DataTable
				label="Partitions"
				testId="partitions"
				of={list}
				paging={paging}
				searchLabel="Id or name begins with"
				rowKey={(partition) => partition.id}
				columns={[
					{
						label: 'Id',
						cell: (partition) => (
							<span className="mono">
								<RowLink to={pathTo(partition.id, 'overview')}>{partition.id}</RowLink>
							</span>
						),
					},
					{ label: 'Name', cell: (partition) => partition.name || '—' },
					{ label: 'Access tokens', cell: (partition) => partition.access_token_algorithm ?? 'ES256' },
					{ label: '', align: 'end', cell: (partition) => <RemovePartition partition={partition} compact /> },
				]}
				empty={{ title: 'No partitions', action: plus }}
			/>
		</Page>
	);
}

const ID = /^[A-Za-z0-9_]{1,64}$/;

function NewPartition() {
	const api = useApi();
	const navigate = useNavigate();
	const [beginning] = useState<Held<NewOne>>({ value: { id: '', name: '', permission_prefix: '' }, etag: null });
	return (
		<Page title="New partition" about={about}>
			<ObjectForm
				held={beginning}
				words={{ id: 'Id', name: 'Name', permission_prefix: 'Permission prefix' }}
				check={(value): Record<string, string> => (ID.test(value.id) ? {} : { '/id': 'Letters of A to Z, digits and _ only, at most 64 of them.' })}
				save={(value) => api.create('/partitions', {}, filled(value as NewOne))}
				saved={(held) => void navigate(pathTo(held.value.id, 'settings'))}
				verb="Create"
				cancel={() => void navigate('/partitions')}
			>
				{(draft) => (
					<Block title="Partition">
						<SimpleGrid cols={{ base: 1, md: 2 }}>
							<TextInput label="Id" description="Stands in every address of the partition. It cannot be changed later." placeholder="TMPRODB88619984" required autoComplete="off" spellCheck={false} {...draft.text('id')} />
							<TextInput label="Name" description="For administrators." autoComplete="off" {...draft.text('name')} />
							<TextInput
								label="Permission prefix"
								description="May stand in front of permissions in requests; tokens never have it."
								placeholder="https://api.example.cloud/auth/"
								autoComplete="off"
								spellCheck={false}
								{...draft.text('permission_prefix')}
							/>
						</SimpleGrid>
						<Text size="sm" c="dimmed">
							Branding and the rest follow under Partition settings. Add a user with the role Partition administrator, so that the tenant can look after itself.
						</Text>
					</Block>
				)}
			</ObjectForm>
		</Page>
	);
}
