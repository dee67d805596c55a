import { Paper, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import type { Held } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { linesFilled } from '../../parts/ListField';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { listProblems, redirectProblem } from './addresses';
import { PlatformField, PlatformTable } from './PlatformField';
import { RedirectField } from './RedirectField';
import { memberWords, type Application } from './words';

type Beginning = Pick<Application, 'name' | 'resource_type' | 'platform' | 'redirect_urls'>;

function check(value: Beginning): Record<string, string> {
	return {
		...(value.name.trim() === '' ? { '/name': 'An application needs a name.' } : {}),
		...listProblems('redirect_urls', value.redirect_urls, (line) => (line.trim() === '' ? null : redirectProblem(value.platform, line.trim()))),
	};
}

export function NewApplication() {
	const api = useApi();
	const partition = usePartition();
	const navigate = useNavigate();
	const [held] = useState<Held<Beginning>>({ value: { name: '', resource_type: 'global', platform: 'web', redirect_urls: [] }, etag: null });
	const list = pathTo(partition, 'integration', 'client-applications');
	return (
		<Page title="New client application" about="The Client ID is made when you save. Make a Client Secret afterwards, in the secret table.">
			<ObjectForm<Beginning, Application>
				held={held}
				words={memberWords}
				check={check}
				save={(value) => {
					const { name = '', platform = 'web', redirect_urls = [] } = value;
					return api.create('/partitions/{partition}/client-applications', { partition }, { name: name.trim(), platform, resource_type: 'global', redirect_urls: linesFilled(redirect_urls) });
				}}
				saved={({ value }) => void navigate(pathTo(partition, 'integration', 'client-applications', value.client_id, ...(value.platform === 'web' ? ['secrets'] : [])), { replace: true })}
				cancel={() => void navigate(list)}
			>
				{(draft) => (
					<Paper withBorder p="md">
						<Stack gap="lg">
							<TextInput label="Name" description="A unique name for your client application." required maxLength={128} data-autofocus autoComplete="off" {...draft.text('name')} />
							<Select
								label="Resource Type"
								description="The resource type accessible by the client application. The only option available is Global."
								data={[{ value: 'global', label: 'Global' }]}
								allowDeselect={false}
								required
								{...draft.choice('resource_type')}
							/>
							<PlatformField {...draft.choice('platform')} />
							<PlatformTable />
							<RedirectField {...draft.list('redirect_urls')} platform={draft.value.platform} />
						</Stack>
					</Paper>
				)}
			</ObjectForm>
		</Page>
	);
}
