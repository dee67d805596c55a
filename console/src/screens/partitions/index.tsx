import { useMe, useRead } from '../../api/hooks';
import { NotHere } from '../../layout/NotHere';
import { NEW_PARTITION, pathTo } from '../../layout/sections';
import { RowLink } from '../../parts/DataTable';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { about } from './NewPartition';
import { RemovePartition } from './RemovePartition';

export { NewPartition } from './NewPartition';

export function PartitionList() {
	return useMe().system ? <List /> : <NotHere />;
}

function List() {
	const paging = usePaging();
	const list = useRead('/partitions', {}, { cursor: paging.cursor, search: paging.search }, { keep: true });
	return (
		<ListPage
			title="Partitions"
			about={about}
			plus={{ to: NEW_PARTITION, label: 'New partition' }}
			testId="partitions"
			of={list}
			paging={paging}
			searchLabel="ID or name begins with"
			rowKey={(partition) => partition.id}
			columns={[
				{
					label: 'ID',
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
			empty={{ title: 'No partitions' }}
		/>
	);
}
