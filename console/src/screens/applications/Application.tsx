// The page of a client application: what it is stands above its tabs, and each tab has its own address.
import { Button } from '@mantine/core';
import { useNavigate, useSearchParams } from 'react-router';

import type { Held } from '../../api/client';
import { useApi, useNamed, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo } from '../../layout/sections';
import { CopyField } from '../../parts/CopyField';
import { ObjectTabs } from '../../parts/ObjectTabs';
import { Page } from '../../parts/Page';
import { ReadPage } from '../../parts/ReadPage';
import { Remove } from '../../parts/Remove';
import { TryIt } from '../tryit';
import { General } from './General';
import { useKept } from './kept';
import { Metadata } from './Metadata';
import { Permissions } from './Permissions';
import { Secrets } from './Secrets';
import type { Application } from './words';

const tabs = [
	{ key: 'general', label: 'General', Tab: General },
	{ key: 'secrets', label: 'Secrets', Tab: Secrets },
	{ key: 'permissions', label: 'Permissions', Tab: Permissions },
	{ key: 'try-it', label: 'Try it', Tab: TryIt },
] as const;

export function ApplicationPage() {
	const partition = usePartition();
	const client_id = useNamed('client_id');
	const application = useRead('/partitions/{partition}/client-applications/{client_id}', { partition, client_id });
	useCrumb(application.data?.value.name);
	return (
		<ReadPage title="Client application" of={application}>
			{(held) => <Inside held={held} key={held.value.client_id} />}
		</ReadPage>
	);
}

function Inside({ held }: { held: Held<Application> }) {
	const partition = usePartition();
	const [parameters, setParameters] = useSearchParams();
	const kept = useKept();
	const { name, client_id } = held.value;
	return (
		<Page
			title={name}
			about={<CopyField label="Client ID" value={client_id} testId="client-id" />}
			actions={
				<>
					<Button variant="default" onClick={() => setParameters(withMetadata(true), { preventScrollReset: true })} data-testid="metadata">
						Metadata
					</Button>
					<RemoveApplication held={held} />
				</>
			}
		>
			<ObjectTabs
				label="Client application"
				address={pathTo(partition, 'integration', 'client-applications', client_id)}
				tabs={tabs.map(({ key, label, Tab }) => ({ key, label, panel: () => <Tab application={held} kept={kept} /> }))}
			/>
			<Metadata application={held.value} opened={parameters.has('metadata')} close={() => setParameters(withMetadata(false), { replace: true, preventScrollReset: true })} />
		</Page>
	);
}

/** Whatever else stands in the address stays: what is looked for, which flow is tried. */
function withMetadata(opened: boolean) {
	return (before: URLSearchParams) => {
		const after = new URLSearchParams(before);
		if (opened) after.set('metadata', '');
		else after.delete('metadata');
		return after;
	};
}

function RemoveApplication({ held }: { held: Held<Application> }) {
	const api = useApi();
	const navigate = useNavigate();
	const partition = usePartition();
	const { name, client_id } = held.value;
	return (
		<Remove
			what="client application"
			name={name}
			act={() => api.remove('/partitions/{partition}/client-applications/{client_id}', { partition, client_id }, held.etag)}
			gone={() => navigate(pathTo(partition, 'integration', 'client-applications'))}
		>
			Its secrets, the tokens that it holds and what people allowed it end at once. Programs that use its Client ID are refused from then on. This cannot be undone; to try
			first what happens, disable it.
		</Remove>
	);
}
