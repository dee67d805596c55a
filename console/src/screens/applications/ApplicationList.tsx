import { Group } from '@mantine/core';

import { usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { CopyButton } from '../../parts/CopyField';
import { RowLink, type Column } from '../../parts/DataTable';
import { Enabled } from '../../parts/Enabled';
import { EnabledFilter, enabledIn, Filter } from '../../parts/Filter';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { platformWords, type Application } from './words';

const columns = (partition: string): readonly Column<Application>[] => [
	{ label: 'Name', cell: (application) => <RowLink to={pathTo(partition, 'integration', 'client-applications', application.client_id)}>{application.name}</RowLink> },
	{
		label: 'Client ID',
		cell: (application) => (
			<Group gap={4} wrap="nowrap">
				<span className="mono whole">{application.client_id}</span>
				<CopyButton value={application.client_id} label={`Client ID of ${application.name}`} />
			</Group>
		),
	},
	{ label: 'Platform', cell: (application) => platformWords[application.platform] },
	{ label: 'Permissions', cell: (application) => application.permissions.length, align: 'end' },
	{ label: 'State', cell: (application) => <Enabled enabled={application.enabled} /> },
];

export function ApplicationList() {
	const partition = usePartition();
	const paging = usePaging(['platform', 'enabled']);
	const platform = paging.filter('platform') as Application['platform'] | undefined;
	const enabled = enabledIn(paging);
	const list = useRead('/partitions/{partition}/client-applications', { partition }, { cursor: paging.cursor, search: paging.search, platform, enabled }, { keep: true });
	return (
		<ListPage
			title="Client Application"
			about="Programs that ask for access tokens. Each has a Client ID, and a Client Secret where it can keep one."
			plus={{ to: pathTo(partition, 'integration', 'new-client-application'), label: 'New client application' }}
			label="Client applications"
			testId="applications"
			of={list}
			paging={paging}
			searchLabel="Name or Client ID begins with"
			rowKey={(application) => application.client_id}
			columns={columns(partition)}
			filters={
				<>
					<Filter paging={paging} name="platform" label="Platform" all="Any platform" choices={Object.entries(platformWords)} />
					<EnabledFilter paging={paging} />
				</>
			}
			empty={{ title: 'No client applications yet', text: 'Before a program can ask for a token it is registered here: that makes its Client ID, and its Client Secret.' }}
		/>
	);
}
