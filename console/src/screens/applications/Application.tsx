// The page of a client application: what it is stands above its tabs, and each tab has its own address.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';

import type { Held } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { pathTo } from '../../layout/sections';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { CopyField } from '../../parts/CopyField';
import { ObjectTabs } from '../../parts/ObjectTabs';
import { Page } from '../../parts/Page';
import { Read } from '../../parts/states';
import { TryIt } from '../tryit';
import { General } from './General';
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

export default function ApplicationScreen() {
	const partition = usePartition();
	const { client_id = '', tab } = useParams();
	const application = useRead('/partitions/{partition}/client-applications/{client_id}', { partition, client_id });
	useCrumb(application.data?.value.name);
	return <Read of={application}>{(held) => <Inside held={held} tab={tab} key={held.value.client_id} />}</Read>;
}

function Inside({ held, tab }: { held: Held<Application>; tab: string | undefined }) {
	const partition = usePartition();
	const mayManage = useMayManage();
	const [parameters, setParameters] = useSearchParams();
	const [deleting, setDeleting] = useState(false);
	const { name, client_id } = held.value;
	return (
		<Page
			title={name}
			about={<CopyField label="Client ID" value={client_id} testId="client-id" />}
			actions={
				<>
					<Button variant="default" onClick={() => setParameters({ metadata: '' })} data-testid="metadata">
						Metadata
					</Button>
					{mayManage && (
						<Button variant="default" c="var(--mantine-color-error)" onClick={() => setDeleting(true)} data-testid="delete">
							Delete
						</Button>
					)}
				</>
			}
		>
			<ObjectTabs
				label="Client application"
				address={pathTo(partition, 'integration', 'client-applications', client_id)}
				current={tab}
				tabs={tabs.map(({ key, label, Tab }) => ({ key, label, panel: () => <Tab application={held} /> }))}
			/>
			<Metadata application={held.value} opened={parameters.has('metadata')} close={() => setParameters({}, { replace: true })} />
			<Deleting held={held} opened={deleting} close={() => setDeleting(false)} />
		</Page>
	);
}

function Deleting({ held, opened, close }: { held: Held<Application>; opened: boolean; close: () => void }) {
	const api = useApi();
	const changed = useChanged();
	const navigate = useNavigate();
	const partition = usePartition();
	const { name, client_id } = held.value;
	return (
		<ConfirmNamed
			opened={opened}
			title="Delete client application"
			name={name}
			verb="Delete"
			close={close}
			act={async () => {
				await api.remove('/partitions/{partition}/client-applications/{client_id}', { partition, client_id }, held.etag);
				await navigate(pathTo(partition, 'integration', 'client-applications'));
				notifications.show({ message: `${name} is deleted`, color: 'teal' });
				void changed();
			}}
		>
			Its secrets, the tokens that it holds and what people allowed it end at once. Programs that use its Client ID are refused from then on. This cannot be undone; to try
			first what happens, disable it.
		</ConfirmNamed>
	);
}
