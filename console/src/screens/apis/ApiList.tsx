import { useMayManage, usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { DataTable, RowLink } from '../../parts/DataTable';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { Plus } from '../../parts/Plus';
import { counted } from '../../parts/words';

export const about = 'What is protected. An OpenAPI document says which operations there are and who may call each; what is not listed is closed.';

export function ApiList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/apis', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	const plus = useMayManage() ? <Plus to={pathTo(partition, 'integration', 'apis', 'new')} label="Import API" /> : null;
	return (
		<Page title="APIs" about={about} actions={plus}>
			<DataTable
				label="APIs"
				testId="apis"
				of={list}
				paging={paging}
				searchLabel="Name begins with"
				rowKey={(api) => api.name}
				columns={[
					{ label: 'Name', cell: (api) => <RowLink to={pathTo(partition, 'integration', 'apis', api.name)}>{api.name}</RowLink> },
					{ label: 'Operations', cell: (api) => counted(api.operation_count, 'operation') },
				]}
				empty={{ title: 'No APIs', text: 'Without one, every operation is closed. Import an OpenAPI document, YAML or JSON.', action: plus }}
			/>
		</Page>
	);
}
