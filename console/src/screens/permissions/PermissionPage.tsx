import { Stack, Text } from '@mantine/core';
import { useNavigate } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useNamed, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { DataTable, RowLink } from '../../parts/DataTable';
import { Enabled } from '../../parts/Enabled';
import { ObjectForm } from '../../parts/ObjectForm';
import { ObjectTabs } from '../../parts/ObjectTabs';
import { Operations } from '../../parts/Operations';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { ReadPage } from '../../parts/ReadPage';
import { Remove } from '../../parts/Remove';
import { kindWords, platformWords } from '../applications/words';
import { DescriptionField, KindField, words } from './fields';
import { kindSaid } from './PermissionList';

type Permission = Schemas['Permission'];

export function PermissionPage() {
	const partition = usePartition();
	const name = useNamed('name');
	const permission = useRead('/partitions/{partition}/permissions/{name}', { partition, name });
	useCrumb(name);
	return (
		<ReadPage title="Permission" of={permission}>
			{(held) => <There held={held} key={name} />}
		</ReadPage>
	);
}

function There({ held }: { held: Held<Permission> }) {
	const partition = usePartition();
	const api = useApi();
	const navigate = useNavigate();
	const { name, kind, reserved } = held.value;
	const remove = reserved ? undefined : (
		<Remove
			what="permission"
			name={name}
			act={() => api.remove('/partitions/{partition}/permissions/{name}', { partition, name }, held.etag)}
			gone={() => navigate(pathTo(partition, 'integration', 'permissions'))}
		>
			No client application can ask for it any more; operations that need it are closed to everybody. See the tab Client applications for who has it.
		</Remove>
	);
	return (
		<Page title={name} about={reserved ? `${kindSaid(kind)} permission of the Admin API: it cannot be changed.` : `${kindSaid(kind)} permission`} actions={remove}>
			<ObjectTabs
				label="Permission"
				address={pathTo(partition, 'integration', 'permissions', name)}
				tabs={[
					{ key: 'general', label: 'General', panel: () => (reserved ? <Fixed permission={held.value} /> : <General held={held} />) },
					{ key: 'operations', label: 'Operations', panel: () => <Opens name={name} /> },
					{ key: 'client-applications', label: 'Client applications', panel: () => <Holders name={name} /> },
				]}
			/>
		</Page>
	);
}

function Fixed({ permission }: { permission: Permission }) {
	return (
		<Block title="Permission">
			<Text size="sm">{permission.description || 'Opens the Admin API, and this console, to administrators.'}</Text>
			<Text size="sm" c="dimmed">
				{kindWords.find(({ kind }) => kind === permission.kind)?.about}
			</Text>
		</Block>
	);
}

function General({ held }: { held: Held<Permission> }) {
	const partition = usePartition();
	const api = useApi();
	const at = { partition, name: held.value.name };
	return (
		<ObjectForm<Permission>
			held={held}
			read={() => api.read('/partitions/{partition}/permissions/{name}', at)}
			save={(changes, etag) => api.change('/partitions/{partition}/permissions/{name}', at, etag, changes)}
			words={words}
		>
			{(draft) => (
				<Block title="Permission">
					<Stack maw={640}>
						<DescriptionField draft={draft} />
						<KindField draft={draft} />
					</Stack>
				</Block>
			)}
		</ObjectForm>
	);
}

function Opens({ name }: { name: string }) {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/operations', { partition }, { scope: name, cursor: paging.cursor, search: paging.search }, { keep: true });
	return <Operations of={list} paging={paging} withApi searchLabel="Path begins with" empty={{ title: 'It opens nothing', text: 'No operation of an imported API asks for it.' }} />;
}

function Holders({ name }: { name: string }) {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/client-applications', { partition }, { permission: name, cursor: paging.cursor, search: paging.search }, { keep: true });
	return (
		<DataTable
			label="Client applications"
			testId="client-applications"
			of={list}
			paging={paging}
			searchLabel="Name or Client ID begins with"
			rowKey={(application) => application.client_id}
			columns={[
				{
					label: 'Name',
					cell: (application) => <RowLink to={pathTo(partition, 'integration', 'client-applications', application.client_id, 'permissions')}>{application.name}</RowLink>,
				},
				{ label: 'Platform', cell: (application) => platformWords[application.platform] },
				{ label: 'Client ID', cell: (application) => <span className="mono short">{application.client_id}</span> },
				{ label: 'State', cell: (application) => <Enabled enabled={application.enabled ?? true} /> },
			]}
			empty={{ title: 'No client application has it', text: "It is assigned on a client application's Permissions tab." }}
		/>
	);
}
