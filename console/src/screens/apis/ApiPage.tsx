import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useMayManage, useNamed, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo } from '../../layout/sections';
import { ObjectTabs } from '../../parts/ObjectTabs';
import { Operations } from '../../parts/Operations';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { ReadPage } from '../../parts/ReadPage';
import { Remove } from '../../parts/Remove';
import { counted } from '../../parts/words';
import { Import } from './Import';

export function ApiPage() {
	const partition = usePartition();
	const name = useNamed('name');
	const api = useRead('/partitions/{partition}/apis/{name}', { partition, name });
	useCrumb(name);
	return (
		<ReadPage title="API" of={api}>
			{(held) => <There held={held} key={name} />}
		</ReadPage>
	);
}

function There({ held }: { held: Held<Schemas['Api']> }) {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const mayManage = useMayManage();
	const { name, operation_count } = held.value;
	return (
		<Page
			title={name}
			about={`API with ${counted(operation_count, 'operation')}`}
			actions={
				<Remove
					what="API"
					name={name}
					act={() => api.remove('/partitions/{partition}/apis/{name}', { partition, name }, held.etag)}
					gone={() => navigate(pathTo(partition, 'integration', 'apis'))}
				>
					Its {counted(operation_count, 'operation')} are closed to everybody at once, whatever token comes. Permissions stay.
				</Remove>
			}
		>
			<ObjectTabs
				label="API"
				address={pathTo(partition, 'integration', 'apis', name)}
				tabs={[
					{ key: 'operations', label: 'Operations', panel: () => <Browse name={name} /> },
					...(mayManage ? [{ key: 'import', label: 'Import again', panel: () => <Import present={held} /> }] : []),
				]}
			/>
		</Page>
	);
}

function Browse({ name }: { name: string }) {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/apis/{name}/operations', { partition, name }, { cursor: paging.cursor, search: paging.search, limit: 25 }, { keep: true });
	return <Operations of={list} paging={paging} withApi={false} searchLabel="Path begins with" empty={{ title: 'No operations', text: 'The document lists none: everything is closed.' }} />;
}
