import { usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { RowLink } from '../../parts/DataTable';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { counted } from '../../parts/words';

export const about = 'What is protected. An OpenAPI document says which operations there are and who may call each; what is not listed is closed.';

export function ApiList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/apis', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	return (
		<ListPage
			title="APIs"
			about={about}
			plus={{ to: pathTo(partition, 'integration', 'import-api'), label: 'Import API' }}
			testId="apis"
			of={list}
			paging={paging}
			searchLabel="Name begins with"
			rowKey={(api) => api.name}
			columns={[
				{ label: 'Name', cell: (api) => <RowLink to={pathTo(partition, 'integration', 'apis', api.name)}>{api.name}</RowLink> },
				{ label: 'Operations', cell: (api) => counted(api.operation_count, 'operation') },
			]}
			empty={{ title: 'No APIs', text: 'Without one, every operation is closed. Import an OpenAPI document, YAML or JSON.' }}
		/>
	);
}
